// One copy of a text that several people edit at once: replica.py tells how; this is the same for the page.
//
//   const copy = new Replica("ada");
//   const told = copy.insert(copy.letters.at(-1)?.id ?? null, "hello");   // operations, as they are published
//   copy.apply({insert: "!", id: "6@bob", after: "5@ada"});

export const LONGEST = 20_000; // letters of a text, with the dead ones
const RUN = 1000; // letters of one operation

export class Replica {
  constructor(site) {
    this.site = site;
    this.clock = 0; // the highest count that was seen (Lamport)
    this.head = {id: null, text: "", dead: true, next: null};
    this.known = new Map([[null, this.head]]); // id → letter
    this.waiting = new Map(); // the letter that is missing → what waits for it
  }

  // Put letters in behind the one with the id `after`; the operations that tell it.
  insert(after, text) {
    const letters = [...text], made = [];
    for (let start = 0; start < letters.length; start += RUN) {
      const run = letters.slice(start, start + RUN);
      const operation = {insert: run.join(""), id: name(this.clock + 1, this.site), after};
      this.apply(operation);
      made.push(operation);
      after = name(this.clock, this.site);
    }
    return made;
  }

  // Take letters out; the operations that tell it.
  delete(ids) {
    const made = fold(ids.map(id => ({delete: 1, id})));
    for (const operation of made) this.apply(operation);
    return made;
  }

  // Take an operation, of whoever; again does no harm. One that is ahead of what it builds on waits for that.
  apply(operation) {
    const todo = [operation];
    while (todo.length) {
      const each = todo.pop();
      if ("insert" in each) todo.push(...this.#insert(each));
      else this.#delete(each);
    }
  }

  #insert({insert, id, after}) {
    if (!this.known.has(after)) {
      this.#wait(after, {insert, id, after});
      return [];
    }
    const [count, site] = parts(id), freed = [];
    [...insert].forEach((text, n) => {
      const id = name(count + n, site);
      if (!this.known.has(id)) {
        this.#put({id, count: count + n, site, after, text, dead: false, next: null});
        freed.push(...(this.waiting.get(id) ?? []));
        this.waiting.delete(id);
      }
      after = id;
    });
    return freed;
  }

  // The rule: behind the letter that it names, and behind all with a higher id that stand there already.
  #put(letter) {
    let left = this.known.get(letter.after);
    while (left.next && higher(left.next, letter)) left = left.next;
    letter.next = left.next;
    left.next = letter;
    this.known.set(letter.id, letter);
    this.clock = Math.max(this.clock, letter.count);
  }

  #delete({delete: count, id: first}) {
    const [counter, site] = parts(first);
    for (let n = 0; n < count; n++) {
      const id = name(counter + n, site);
      if (this.known.has(id)) this.known.get(id).dead = true;
      else this.#wait(id, {delete: 1, id});
    }
  }

  #wait(id, operation) {
    this.waiting.set(id, [...(this.waiting.get(id) ?? []), operation]);
  }

  // All letters in their order, tombstones too.
  *[Symbol.iterator]() {
    for (let letter = this.head.next; letter; letter = letter.next) yield letter;
  }

  // The letters that are to be read.
  get letters() {
    return [...this].filter(letter => !letter.dead);
  }

  get text() {
    return this.letters.map(letter => letter.text).join("");
  }

  get size() {
    return this.known.size - 1;
  }

  // How many visible letters stand before the place behind a letter; null while that letter is not known.
  index(id) {
    if (!this.known.has(id)) return null;
    let index = 0;
    if (id === null) return index;
    for (const letter of this) {
      if (!letter.dead) index += 1;
      if (letter.id === id) return index;
    }
  }

  // What this copy knows and another, of which we have all, does not: in an order in which it can take it.
  beyond(other) {
    const mine = [...this].filter(({id}) => !other.known.has(id));
    const dead = [...this].filter(({id, dead}) => dead && !other.known.get(id)?.dead);
    const inserts = fold(mine.sort(bySite).map(({text, id, after}) => ({insert: text, id, after})));
    const deletes = fold(dead.sort(bySite).map(({id}) => ({delete: 1, id})));
    return [...inserts.sort((a, b) => byId(parts(a.id), parts(b.id))), ...deletes];
  }
}

// The same operations in fewer: what goes on where the last one ended becomes one run with it.
export function fold(operations) {
  const folded = [];
  for (const next of operations) {
    const joined = folded.length ? join(folded.at(-1), next) : null;
    if (joined) folded[folded.length - 1] = joined;
    else folded.push(next);
  }
  return folded;
}

function join(last, next) {
  const [count, site] = parts(last.id), [other, its] = parts(next.id);
  if (site !== its) return null;
  if ("insert" in last && "insert" in next) {
    const length = [...last.insert].length, end = name(count + length - 1, site);
    const goesOn = next.after === end && other === count + length && length + [...next.insert].length <= RUN;
    return goesOn ? {...last, insert: last.insert + next.insert} : null;
  }
  if (!("delete" in last && "delete" in next) || last.delete + next.delete > RUN) return null;
  const both = last.delete + next.delete;
  if (other === count + last.delete) return {delete: both, id: last.id}; // forwards
  if (count === other + next.delete) return {delete: both, id: next.id}; // backspace
  return null;
}

function name(count, site) {
  return `${count}@${site}`;
}

function parts(id) {
  const [count, site] = id.split("@");
  return [Number(count), site];
}

function higher(a, b) {
  return byId([a.count, a.site], [b.count, b.site]) > 0;
}

function byId([count, site], [other, its]) {
  return count - other || (site > its) - (site < its);
}

function bySite(a, b) {
  return (a.site > b.site) - (a.site < b.site) || a.count - b.count;
}
