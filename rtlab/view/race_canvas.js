// The lanes of a race, live. The kernel sends what happened, a few times a second; here it is drawn, a moment later
// than it happened, so that everything is known by the time it is shown and every dot moves evenly.
//
// Times are milliseconds since the start of the run. A message says: now, and what is new since the last one, as
// events [number, appended], arrivals [lane, number, arrived] and empties [lane, arrived].

const LAG = 350; // ms that the picture is behind
const MISSING = 600; // ms without a message after which the picture waits for the kernel
const PIXELS = 0.09; // per ms
const TURN = 0.66; // of the page that goes by when it is full
const GLIDE = 500; // ms that this takes
const NAME = 158, RIGHT = 18, TOP = 8; // px
const SERVER = 30, LANE = 44, AXIS = 26; // heights, px
const ROWS = [0, 7, -7, 14, -14]; // where bars go that are under way at the same time, px
const KEPT = 4000; // events, at most
const SIGNS =
  "A hollow dot is under way, a full one is there, and its bar is the latency. A thin stroke is an empty answer.";

/** What is known of the run that is shown; all views of one widget share it. */
class Run {
  constructor() {
    this.number = 0;
    this.clear();
  }

  clear() {
    this.events = new Map(); // number → {at, arrived: [ms of each lane], row: [of each lane]}
    this.empties = []; // [lane, ms]
    this.ahead = -Infinity; // of performance.now(): how far the kernel's clock is
    this.last = 0; // the newest moment that the kernel has told of
  }

  /** Take in a message. */
  hear(message) {
    if (message.run === undefined) return;
    if (message.run !== this.number) {
      this.number = message.run;
      this.clear();
    }
    this.last = message.now;
    // The message that was quickest tells best what time it is there.
    this.ahead = Math.max(this.ahead - 0.2, message.now - performance.now());
    for (const [number, at] of message.events) this.events.set(number, { at, arrived: [], row: [] });
    for (const [lane, number, at] of message.arrivals) {
      const event = this.events.get(number);
      if (event) event.arrived[lane] = at;
    }
    this.empties.push(...message.empties);
    for (const number of this.events.keys()) {
      if (this.events.size <= KEPT) break;
      this.events.delete(number);
    }
  }

  /** The moment to show. */
  now(running) {
    if (!running) return this.last;
    return Math.max(0, Math.min(performance.now() + this.ahead - LAG, this.last + MISSING - LAG));
  }

  /** Forget what is left of the page for good. */
  forget(before, lanes) {
    for (const [number, event] of this.events) {
      if (event.at >= before) break;
      let over = true;
      for (let lane = 0; lane < lanes; lane++) over &&= event.arrived[lane] < before;
      if (over) this.events.delete(number);
    }
    this.empties = this.empties.filter(([, at]) => at >= before);
  }

  /** The row of an event's bar: the first one that is free when the event happens, the same from then on. */
  row(lane, event) {
    if (event.row[lane] === undefined) {
      const taken = [];
      for (const other of this.events.values()) {
        if (other === event) break;
        if (!(other.arrived[lane] <= event.at)) taken[other.row[lane]] = true;
      }
      let row = 0;
      while (taken[row]) row++;
      event.row[lane] = row;
    }
    return ROWS[event.row[lane] % ROWS.length];
  }
}

/** Draws a run on a canvas. */
class Lanes {
  constructor(canvas, lanes) {
    this.canvas = canvas;
    this.lanes = lanes;
    this.left = 0; // ms at the left edge of the page
    this.from = 0; // … before it turned
    this.turned = -Infinity; // performance.now() when it did
    this.still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.style = getComputedStyle(canvas); // follows the page, light or dark
  }

  colour(name) {
    return (this.colours[name] ||= this.style.getPropertyValue(`--${name}`).trim() || this.style.color);
  }

  /** Set the pen's font: of the page, in px. */
  font(size, weight = 400) {
    this.pen.font = `${weight} ${size}px ${this.style.fontFamily}`;
  }

  /** Draw the moment `now`. */
  draw(run, now) {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    if (!width) return;
    if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
      canvas.width = Math.round(width * ratio);
      canvas.height = Math.round(height * ratio);
    }
    this.pen = canvas.getContext("2d");
    this.pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pen.clearRect(0, 0, width, height);
    this.colours = {};
    this.right = width - RIGHT;
    this.turn(now);
    run.forget(Math.min(this.left, this.from) - 1000, this.lanes.length);
    const bottom = TOP + SERVER + LANE * this.lanes.length;
    this.names();
    this.pen.save();
    this.pen.beginPath();
    this.pen.rect(NAME - 14, 0, this.right - NAME + 28, height);
    this.pen.clip();
    this.axis(now, bottom);
    this.server(run, now, bottom);
    this.lanes.forEach((lane, number) => this.lane(run, now, lane, number));
    this.pen.restore();
  }

  x(at) {
    return NAME + (at - this.edge) * PIXELS;
  }

  /** Turn the page when it is full. */
  turn(now) {
    const page = (this.right - NAME) / PIXELS;
    if (now < this.left) this.left = this.from = 0; // a new run
    if (now > this.left + page * 0.97) {
      this.from = this.left;
      this.left = Math.round((now - page * (1 - TURN)) / 1000) * 1000;
      this.turned = performance.now();
    }
    const part = this.still ? 1 : Math.min(1, (performance.now() - this.turned) / GLIDE);
    this.edge = this.from + (this.left - this.from) * part * part * (3 - 2 * part);
    if (part === 1) this.from = this.left;
  }

  get turning() {
    return this.from !== this.left;
  }

  names() {
    const { pen } = this;
    pen.textBaseline = "middle";
    pen.textAlign = "left";
    this.font(13);
    pen.fillStyle = this.colour("ink");
    pen.fillText("events at the server", 0, TOP + SERVER / 2);
    this.font(13, 600);
    this.lanes.forEach(({ key, name }, number) => {
      pen.fillStyle = this.colour(`${key}-text`);
      pen.fillText(name, 0, this.middle(number));
    });
  }

  middle(lane) {
    return TOP + SERVER + LANE * (lane + 0.5);
  }

  axis(now, bottom) {
    const { pen } = this;
    this.font(12);
    pen.textAlign = "center";
    const first = Math.ceil(this.edge / 1000);
    const last = Math.floor((this.edge + (this.right - NAME) / PIXELS) / 1000);
    for (let second = first; second <= last; second++) {
      const x = this.x(second * 1000);
      this.line(x, bottom, x, bottom + 4, "quiet");
      pen.fillStyle = this.colour("quiet-text");
      pen.fillText(`${second} s`, x, bottom + 15);
    }
    this.line(this.x(now), TOP, this.x(now), bottom, "faint");
  }

  server(run, now, bottom) {
    const y = TOP + SERVER / 2;
    this.line(this.x(Math.max(this.edge - 100, 0)), y, this.x(now), y, "ink", 1.5);
    for (const { at } of run.events.values()) {
      if (at > now) break;
      this.line(this.x(at), y, this.x(at), bottom, "faint", 1, [2, 3]);
      this.dot(this.x(at), y, "ink");
    }
  }

  /** A bar from each event's append on; at its end the dot, which moves while the event is under way, and stays. */
  lane(run, now, { key }, number) {
    const { pen } = this, middle = this.middle(number);
    this.line(this.x(Math.max(this.edge - 100, 0)), middle, this.right, middle, "hair");
    for (const [lane, at] of run.empties) {
      if (lane === number && at <= now) this.line(this.x(at), middle - 6, this.x(at), middle + 6, "quiet");
    }
    for (const event of run.events.values()) {
      if (event.at > now) break;
      const y = middle + run.row(number, event);
      const arrived = event.arrived[number] <= now;
      const start = this.x(event.at), end = this.x(arrived ? event.arrived[number] : now);
      pen.globalAlpha = 0.4;
      pen.fillStyle = this.colour(key);
      pen.fillRect(start, y - 2, end - start, 4);
      pen.globalAlpha = 1;
      this.dot(end, y, key, !arrived);
    }
  }

  line(x1, y1, x2, y2, colour, width = 1, dash = []) {
    const { pen } = this;
    pen.beginPath();
    pen.setLineDash(dash);
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.strokeStyle = this.colour(colour);
    pen.lineWidth = width;
    pen.stroke();
  }

  /** A dot; hollow while under way. */
  dot(x, y, colour, hollow = false) {
    const { pen } = this;
    pen.beginPath();
    pen.arc(x, y, hollow ? 4 : 5, 0, 2 * Math.PI);
    pen.fillStyle = this.colour(hollow ? "paper" : colour);
    pen.fill();
    if (!hollow) return;
    pen.setLineDash([]);
    pen.strokeStyle = this.colour(colour);
    pen.lineWidth = 2;
    pen.stroke();
  }
}

/** An element with its text and attributes. */
function make(name, text = "", attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The table below the lanes: a row for each technique. */
function table(model) {
  const made = make("table", "", { class: "figures" }), caption = make("caption"), head = make("tr"), body = make("tbody");
  head.append(make("td"), ...model.get("columns").map((column) => make("th", column, { scope: "col" })));
  const rows = model.get("lanes").map(({ key, name }) => {
    const row = make("tr"), first = make("th", "", { scope: "row" });
    first.append(make("span", "● ", { "aria-hidden": "true", style: `color:var(--${key})` }), name);
    row.append(first, ...model.get("columns").map(() => make("td", "–")));
    body.append(row);
    return row;
  });
  const thead = make("thead");
  thead.append(head);
  made.append(caption, thead, body);
  const fill = () => {
    const { counted = "", rows: figures = [] } = model.get("figures");
    caption.textContent = counted;
    figures.forEach((line, row) => line.forEach((figure, cell) => {
      rows[row].children[cell + 1].textContent = figure;
    }));
  };
  fill();
  return [made, fill];
}

/** Draw a run where a view of the widget is wanted; returns what undoes it. */
function render({ model, el }, run) {
  el.classList.add("rtlab", "rtlab-race");
  const names = model.get("lanes").map(({ name }) => name).join(", ");
  const label = () => `The lanes of ${names}: ${model.get("about")}`;
  const canvas = make("canvas", "", { role: "img", "aria-label": label() });
  canvas.style.height = `${TOP + SERVER + LANE * model.get("lanes").length + AXIS}px`;
  const trouble = make("div", model.get("trouble"), { class: "trouble", role: "alert" });
  const [figures, fill] = table(model);
  el.append(canvas, make("div", SIGNS, { class: "signs" }), trouble, figures);

  const lanes = new Lanes(canvas, model.get("lanes"));
  let frame = 0;
  const show = () => {
    const running = model.get("running");
    lanes.draw(run, run.now(running));
    frame = running || lanes.turning ? requestAnimationFrame(show) : 0;
  };
  const wake = () => { frame ||= requestAnimationFrame(show); };
  const listeners = {
    "change:running": wake,
    "change:news": wake,
    "change:figures": fill,
    "change:about": () => canvas.setAttribute("aria-label", label()),
    "change:trouble": () => { trouble.textContent = model.get("trouble"); },
  };
  for (const [name, listener] of Object.entries(listeners)) model.on(name, listener);
  const size = new ResizeObserver(wake);
  size.observe(canvas);
  const theme = new MutationObserver(wake); // JupyterLab names its theme on the body
  theme.observe(document.body, { attributes: true });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", wake);
  return () => {
    cancelAnimationFrame(frame);
    size.disconnect();
    theme.disconnect();
    dark.removeEventListener("change", wake);
    for (const [name, listener] of Object.entries(listeners)) model.off(name, listener);
  };
}

/** Called once for each widget, whose views all show the same run. */
export default () => {
  const run = new Run();
  return {
    initialize({ model }) {
      model.on("change:news", () => run.hear(model.get("news")));
    },
    render: (context) => render(context, run),
  };
};
