// Ticks as money: whole numbers all the way, a decimal point only for people.
export function money(ticks) {
  return (ticks / 100).toFixed(2);
}
