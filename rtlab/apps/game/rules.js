// The rules of the pond, as in rules.py: the same moves lead to the very same states. A state is plain data, a move
// makes a new one of it; all numbers are whole, and chance is in the state.

export const WIDTH = 960, HEIGHT = 480;
export const RADIUS = 16; // of a boat
export const REACH = 34; // from a boat's middle to that of a buoy that it gets
const BUOYS = 4;
const MARGIN = 40; // between the bank and a buoy, or a new boat
const TRIES = 20; // places that are tried for a new boat
export const MOVES = {
  n: [0, -10], ne: [7, -7], e: [10, 0], se: [7, 7], s: [0, 10], sw: [-7, 7], w: [-10, 0], nw: [-7, -7],
};

// A pond with buoys and no boats.
export function newPond(seed = 1) {
  const buoys = [];
  while (buoys.length < BUOYS) {
    const [spot, next] = place(seed);
    buoys.push(spot);
    seed = next;
  }
  return {tick: 0, seed, boats: {}, buoys};
}

// A new boat, where there is room.
export function launch(pond, player, name) {
  let {seed} = pond, x, y;
  for (let tried = 0; tried < TRIES; tried++) {
    [[x, y], seed] = place(seed);
    if (!inTheWay(pond.boats, player, x, y)) break;
  }
  return {...pond, seed, boats: {...pond.boats, [player]: {name, x, y, score: 0, seen: 0}}};
}

// The pond without a boat.
export function leave(pond, player) {
  return {...pond, boats: Object.fromEntries(Object.entries(pond.boats).filter(([who]) => who !== player))};
}

// Apply one move of a boat: a step, unless another boat is in the way; and what it gets by that.
export function steer(pond, player, number, move) {
  const boat = pond.boats[player], [dx, dy] = MOVES[move];
  let x = Math.min(Math.max(boat.x + dx, RADIUS), WIDTH - RADIUS);
  let y = Math.min(Math.max(boat.y + dy, RADIUS), HEIGHT - RADIUS);
  if (inTheWay(pond.boats, player, x, y)) ({x, y} = boat);
  let {score} = boat, {seed} = pond;
  const buoys = pond.buoys.map(buoy => {
    if (apart(x, y, ...buoy) > REACH * REACH) return buoy;
    score += 1;
    const [spot, next] = place(seed);
    seed = next;
    return spot;
  });
  return {...pond, seed, boats: {...pond.boats, [player]: {...boat, x, y, score, seen: number}}, buoys};
}

// Whether another boat is too near to be at this place. Boats that overlap already may move apart.
function inTheWay(boats, player, x, y) {
  const own = boats[player];
  return Object.entries(boats).some(([who, other]) => {
    const after = apart(x, y, other.x, other.y);
    if (who === player || after >= 4 * RADIUS * RADIUS) return false;
    return after < (own ? apart(own.x, own.y, other.x, other.y) : after + 1);
  });
}

// The distance of two places, squared.
function apart(x, y, toX, toY) {
  return (x - toX) ** 2 + (y - toY) ** 2;
}

// A place by chance, and the next seed.
function place(seed) {
  const first = draw(seed), second = draw(first);
  return [[MARGIN + first % (WIDTH - 2 * MARGIN), MARGIN + second % (HEIGHT - 2 * MARGIN)], second];
}

// The next number of Lehmer's generator: the product stays below 2^53, so it is exact.
function draw(seed) {
  return seed * 48271 % 2147483647;
}
