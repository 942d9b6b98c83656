// The missed windows: what the kernel calculated is drawn here; an event that is dragged is told to the kernel.
//
// Times are seconds and run downwards. `scene` holds arrows [carries, up, left, arrived], holds [start, end],
// windows [start, end, missed], latencies in the order of `events`, and the sentence below.

const HEIGHT = 440, TOP = 30, BOTTOM = 12; // px
const TICKS = 44, CLIENT = 140, SERVER = 380, WIDTH = 640;
const MISSED = "#c8102e", LONG = "#009E73";
const STEP = 0.01; // s that an arrow key moves an event

function view({ model, el }) {
  el.classList.add("rtlab");
  const canvas = document.createElement("canvas"), words = document.createElement("div");
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  canvas.style.cssText = `width:${WIDTH}px;height:${HEIGHT}px;max-width:none;touch-action:none`;
  el.append(canvas, words);
  const pen = canvas.getContext("2d");
  let held = -1, chosen = 0; // events: the one being dragged, the one that keys move

  const colour = (name) => getComputedStyle(el).getPropertyValue(`--${name}`).trim();
  const end = () => model.get("scene").end;
  const y = (at) => TOP + (at / end()) * (HEIGHT - TOP - BOTTOM);
  const moment = (pixels) => ((pixels - TOP) / (HEIGHT - TOP - BOTTOM)) * end();

  function line(x1, y1, x2, y2, style, width) {
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(x1, y1);
    pen.lineTo(x2, y2);
    pen.stroke();
  }

  function box(x, width, start, stop, style, alpha) {
    pen.globalAlpha = alpha;
    pen.fillStyle = style;
    pen.fillRect(x, y(start), width, y(Math.min(stop, end())) - y(start));
    pen.globalAlpha = 1;
  }

  function write(text, x, at, style, align = "left", weight = 400) {
    pen.font = `${weight} 12px system-ui, "DejaVu Sans", sans-serif`;
    pen.fillStyle = style;
    pen.textAlign = align;
    pen.textBaseline = "middle";
    pen.fillText(text, x, at);
  }

  function arrow([carries, up, left, arrived]) {
    const from = up ? CLIENT : SERVER, to = up ? SERVER : CLIENT, style = carries ? LONG : colour("quiet");
    const slope = Math.atan2(y(arrived) - y(left), to - from), width = carries ? 2.5 : 1.2;
    line(from, y(left), to - 5 * Math.cos(slope), y(arrived) - 5 * Math.sin(slope), style, width);
    pen.fillStyle = style;
    pen.beginPath();
    pen.moveTo(to, y(arrived));
    for (const side of [0.4, -0.4]) {
      pen.lineTo(to - 9 * Math.cos(slope + side), y(arrived) - 9 * Math.sin(slope + side));
    }
    pen.fill();
  }

  function event(at, late, number, labelled) {
    const { delay } = model.get("scene"), missed = late > delay + 1e-9;
    const size = number === chosen && document.activeElement === canvas ? 8 : 6;
    pen.fillStyle = colour("ink");
    pen.beginPath();
    pen.arc(SERVER, y(at), size, 0, 2 * Math.PI);
    pen.fill();
    const transits = delay ? ` = ${(late / delay).toFixed(1)} d` : "";
    const text = `${(1000 * late).toFixed(0)} ms${transits}${missed ? ", missed" : ""}`;
    write(text, SERVER + 34, labelled, missed ? MISSED : colour("long-text"), "left", missed ? 600 : 400);
  }

  function draw() {
    const scene = model.get("scene"), events = model.get("events"), ratio = devicePixelRatio || 1;
    canvas.width = WIDTH * ratio;
    canvas.height = HEIGHT * ratio;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    write("client", CLIENT, 12, colour("ink"), "center");
    write("server", SERVER, 12, colour("ink"), "center");
    write("ms", TICKS, 12, colour("quiet-text"), "right");
    for (let at = 0; at <= end(); at += 0.2) {
      write((1000 * at).toFixed(0), TICKS, y(at), colour("quiet-text"), "right");
      line(CLIENT, y(at), SERVER, y(at), colour("hair"), 1);
    }
    for (const [start, stop] of scene.holds) box(SERVER + 1, 14, start, stop, LONG, 0.5);
    for (const [start, stop, missed] of scene.windows) {
      box(SERVER + 1, 14, start, stop, missed ? MISSED : colour("faint"), missed ? 0.85 : 0.6);
    }
    const order = events.map((_, number) => number).sort((a, b) => events[a] - events[b]);
    const ends = []; // of the bars of what the client does not know yet, by column
    for (const number of order) {
      const start = events[number], stop = start + scene.latencies[number];
      let column = ends.findIndex((taken) => taken <= start);
      if (column < 0) column = ends.length;
      ends[column] = stop;
      box(CLIENT - 11 - 9 * column, 7, start, stop, LONG, 0.4);
    }
    line(CLIENT, TOP, CLIENT, HEIGHT - BOTTOM, colour("ink"), 1.6);
    line(SERVER, TOP, SERVER, HEIGHT - BOTTOM, colour("ink"), 1.6);
    pen.save();
    pen.beginPath();
    pen.rect(0, TOP, WIDTH, HEIGHT - TOP);
    pen.clip();
    scene.arrows.forEach(arrow);
    pen.restore();
    let last = 0;
    for (const number of order) {
      last = Math.max(y(events[number]), last + 15);
      event(events[number], scene.latencies[number], number, last);
    }
    words.textContent = scene.words;
    canvas.setAttribute("aria-label", `${scene.words} Arrow keys: left and right choose an event, up and down move it.`);
  }

  function move(number, at) {
    const events = [...model.get("events")];
    events[number] = Math.min(Math.max(at, 0), model.get("duration"));
    model.set("events", events);
    model.save_changes(); // the kernel answers with a new scene
  }

  function place(pointer) {
    const area = canvas.getBoundingClientRect();
    return [pointer.clientX - area.left, pointer.clientY - area.top];
  }

  /** The event under the pointer, or -1. */
  function under(pointer) {
    const [left, top] = place(pointer);
    const near = model.get("events").map((at) => Math.hypot(left - SERVER, top - y(at)));
    const least = near.indexOf(Math.min(...near));
    return near[least] < 16 ? least : -1;
  }

  canvas.addEventListener("pointerdown", (pointer) => {
    held = under(pointer);
    if (held < 0) return;
    chosen = held;
    canvas.setPointerCapture(pointer.pointerId);
  });
  canvas.addEventListener("pointermove", (pointer) => {
    canvas.style.cursor = held >= 0 || under(pointer) >= 0 ? "ns-resize" : "default";
    if (held >= 0) move(held, moment(place(pointer)[1]));
  });
  canvas.addEventListener("pointerup", () => { held = -1; });
  canvas.addEventListener("pointercancel", () => { held = -1; });
  canvas.addEventListener("keydown", (key) => {
    const number = model.get("events").length, step = { ArrowUp: -STEP, ArrowDown: STEP }[key.key];
    const turn = { ArrowLeft: number - 1, ArrowRight: 1 }[key.key];
    if (!number || (step === undefined && turn === undefined)) return;
    key.preventDefault();
    key.stopPropagation(); // JupyterLab would go to the next cell
    if (turn !== undefined) chosen = (chosen + turn) % number;
    else move(chosen, model.get("events")[chosen] + step);
    draw();
  });
  canvas.addEventListener("focus", draw);
  canvas.addEventListener("blur", draw);
  model.on("change:scene", draw);
  model.on("change:events", draw);
  const theme = new MutationObserver(draw); // JupyterLab names its theme on the body
  theme.observe(document.body, { attributes: true });
  draw();
  return () => {
    theme.disconnect();
    model.off("change:scene", draw);
    model.off("change:events", draw);
  };
}

export default { render: view };
