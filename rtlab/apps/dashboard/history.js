// The samples that the page has, in order of time: those that it read live, and older ones out of the log.

const KEPT = 12_000; // 20 minutes at 10 a second
const HOLE = 3; // seconds without a sample, after which a line is not drawn through

// The figures of one event, as numbers; `at` is in seconds.
export function figures({id, time, data}) {
  return {
    id, at: Date.parse(time) / 1000, cores: data.cpu,
    cpu: data.cpu.reduce((a, b) => a + b, 0) / data.cpu.length,
    memory: data.memory,
    network: (data.received + data.sent) / 1000,
    disk: (data.disk_read + data.disk_written) / 1000,
    connections: data.server.connections, requests: data.server.requests, delivered: data.server.delivered,
  };
}

export class History {
  rows = [];

  add(event) {
    this.rows.push(figures(event));
    if (this.rows.length > KEPT) this.rows.shift();
  }

  // Older events go before those that we have; what we have already is left out.
  put(events) {
    const first = this.rows[0]?.at ?? Infinity;
    const known = new Set(this.rows.slice(0, 50).map(row => row.id));
    const older = events.map(figures).filter(row => row.at <= first && !known.has(row.id));
    this.rows = [...older, ...this.rows].slice(-KEPT);
    return older.length;
  }

  get first() { return this.rows[0]?.at; }
  get last() { return this.rows.at(-1)?.at; }

  // The rows of a span of time, at most `places` of each: see `thin`.
  between(from, to) {
    let low = 0, high = this.rows.length; // the first row from `from` on, by halving
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.rows[middle].at < from) low = middle + 1;
      else high = middle;
    }
    let end = low;
    while (end < this.rows.length && this.rows[end].at <= to) end += 1;
    return this.rows.slice(low, end);
  }
}

// Columns for a chart that is `places` pixels wide: time, then each name's values. Of the rows that fall on one pixel the
// least and the greatest are kept, so that no spike is lost; an average would hide it.
export function columns(rows, names, places) {
  const found = [[], ...names.map(() => [])];
  const push = (at, values) => {
    if (found[0].length && at - found[0].at(-1) > HOLE) {
      found[0].push(found[0].at(-1) + 0.001);
      names.forEach((_, n) => found[n + 1].push(null));
    }
    found[0].push(at);
    values.forEach((value, n) => found[n + 1].push(value));
  };
  const size = Math.max(1, Math.ceil(rows.length / places));
  for (let start = 0; start < rows.length; start += size) {
    const part = rows.slice(start, start + size);
    if (part.length < 3) part.forEach(row => push(row.at, names.map(name => row[name])));
    else {
      push(part[0].at, names.map(name => Math.min(...part.map(row => row[name]))));
      push(part.at(-1).at, names.map(name => Math.max(...part.map(row => row[name]))));
    }
  }
  return found;
}
