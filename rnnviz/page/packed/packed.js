// The packed tab: one batch three times, as the padded rectangle, as packed columns, as the data in memory. A cell
// pointed at in one picture is found in all. Built from SVG elements; a word only ever becomes a text node.

const labels = props.labels;
const root = element.querySelector(".rv-packed");
const part = (name) => root.querySelector(name);
const batch = part("#rv-batch");

const TINTS = ["#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#99ddff", "#44bb99", "#bbcc33", "#cfc8b8"];
const TALL = 30;
const GAP = 3;
const STEP_MS = 500;
const state = { layout: null, playing: 0, step: null, key: null };

const svgNode = (tag, attributes = {}, text = null) => {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  return node;
};

const LETTER = 7.6;
const shortened = (token, width) => {
  const whole = [...visible(token)];
  const most = Math.max(1, Math.floor((width - 8) / LETTER));
  return whole.length > most ? `${whole.slice(0, Math.max(1, most - 1)).join("")}…` : whole.join("");
};

// One cell of a picture. Cells of the same token share data-key, and that is the whole of the hover link.
const cell = (x, y, width, text, step) => {
  const token = state.layout.texts[text][step];
  const filler = token === undefined;
  const group = svgNode("g", { class: filler ? "rv-cell rv-filler" : "rv-cell", "data-key": `${text}-${step}`, "data-step": step });
  const box = svgNode("rect", { x: x + 2, y: y + 2, width: width - GAP, height: TALL - GAP, rx: 4 });
  if (!filler) box.setAttribute("fill", TINTS[text]);
  group.append(box);
  if (!filler) group.append(svgNode("text", { x: x + 2 + (width - GAP) / 2, y: y + 1 + TALL / 2 }, shortened(token, width)));
  return group;
};

const picture = (width, height, ...children) => {
  const svg = svgNode("svg", { width: width + 4, height: height + 4, role: "img", "aria-label": say(labels.packed_picture, { texts: state.layout.texts.length }) });
  svg.append(...children);
  return svg;
};

// As wide as the longest word wants, but so that a row of so many cells fits into the room, as long as they can be pointed at.
const natural = () => {
  const longest = Math.max(...state.layout.texts.flat().map((token) => [...visible(token)].length));
  return Math.min(92, Math.max(42, longest * LETTER + 16));
};
const fitted = (cells, room) => Math.max(34, Math.min(natural(), (room - 6) / cells));

const padded = (room) => {
  const { texts, batch_sizes } = state.layout;
  const wide = fitted(batch_sizes.length, room);
  const cells = texts.flatMap((_, text) => batch_sizes.map((_size, step) => cell(step * wide, text * TALL, wide, text, step)));
  return picture(batch_sizes.length * wide, texts.length * TALL, ...cells);
};

const steps = (room) => {
  const { rows, batch_sizes } = state.layout;
  const wide = fitted(rows.length, room);
  const tall = batch_sizes[0] * TALL;
  const columns = rows.flatMap((texts, step) => [
    ...texts.map((text, place) => cell(step * wide, place * TALL, wide, text, step)),
    svgNode("text", { class: "rv-size", x: step * wide + wide / 2, y: tall + 16 }, batch_sizes[step]),
  ]);
  return picture(rows.length * wide, tall + 20, ...columns);
};

const data = (room) => {
  const { rows, steps_packed } = state.layout;
  const wide = fitted(steps_packed, room);
  let place = 0;
  const parts = rows.flatMap((texts, step) => {
    const from = place;
    const cells = texts.map((text) => cell(place++ * wide, 0, wide, text, step));
    const brace = svgNode("path", { class: "rv-brace", d: `M${from * wide + 3} ${TALL + 4}v5H${place * wide - 1}v-5` });
    const name = wide * texts.length > 62 ? say(labels.packed_step, { step: step + 1 }) : step + 1;
    return [...cells, brace, svgNode("text", { class: "rv-size", x: ((from + place) * wide) / 2, y: TALL + 23 }, name)];
  });
  return picture(place * wide, TALL + 28, ...parts);
};

const point = (key) => {
  state.key = key;
  for (const group of root.querySelectorAll(".rv-cell")) group.classList.toggle("rv-here", group.dataset.key === key);
  const where = part(".rv-where");
  if (key === null) {
    where.textContent = labels.packed_hint;
    return;
  }
  const [text, step] = key.split("-").map(Number);
  const { texts, rows, batch_sizes } = state.layout;
  const token = texts[text][step];
  const before = batch_sizes.slice(0, step).reduce((sum, size) => sum + size, 0);
  where.textContent =
    token === undefined
      ? say(labels.packed_filler, { text: text + 1 })
      : say(labels.packed_cell, { token: visible(token), text: text + 1, position: step + 1, place: before + rows[step].indexOf(text) + 1, step: step + 1 });
};

// Side by side while both rectangles fit; else one above the other. Also when the window changes.
const draw = () => {
  const room = part(".rv-data").clientWidth;
  if (!state.layout || !room) return;
  const half = state.layout.batch_sizes.length * natural() > room / 2 - 20;
  part(".rv-pair").classList.toggle("rv-wide", half);
  part(".rv-padded").replaceChildren(padded(part(".rv-padded").clientWidth));
  part(".rv-steps").replaceChildren(steps(part(".rv-steps").clientWidth));
  part(".rv-sizes").textContent = `${labels.packed_sizes} [${state.layout.batch_sizes.join(", ")}]`;
  part(".rv-data").replaceChildren(data(room));
  point(state.key);
  reveal(state.step);
};

// --- play: the network's steps, one column of the batch at a time ----------------------------------------------------

const reveal = (step) => {
  state.step = step;
  for (const group of root.querySelectorAll(".rv-cell")) {
    const own = Number(group.dataset.step);
    group.classList.toggle("rv-later", step !== null && own > step);
    group.classList.toggle("rv-now", step !== null && own === step);
  }
  for (const side of root.querySelectorAll(".rv-side")) {
    const now = side.querySelector(".rv-now rect");
    if (now) side.scrollLeft = Number(now.getAttribute("x")) - side.clientWidth / 2;
  }
};
const stop = () => {
  clearInterval(state.playing);
  state.playing = 0;
  reveal(null);
  part(".rv-play").textContent = `▶ ${labels.packed_play}`;
};
const play = () => {
  if (state.playing) return stop();
  part(".rv-play").textContent = `■ ${labels.packed_stop}`;
  let step = -1;
  const next = () => (++step < state.layout.rows.length ? reveal(step) : stop());
  state.playing = setInterval(next, STEP_MS);
  next();
};

// --- a new batch -----------------------------------------------------------------------------------------------------

const show = (layout) => {
  stop();
  const notes = [];
  const good = !layout.error && layout.texts.length >= 2;
  if (layout.error) notes.push(layout.error);
  else if (!good) notes.push(labels.packed_few);
  if (layout.cut_texts) notes.push(say(labels.packed_most, { count: layout.texts.length }));
  if (layout.cut_tokens) notes.push(say(labels.packed_long, { count: layout.cut_tokens }));
  part(".rv-notices").replaceChildren(...notes.map((note) => make("p", {}, note)));
  part(".rv-picture").hidden = !good;
  part(".rv-play").disabled = !good;
  if (good) {
    state.layout = layout;
    state.key = null;
    const numbers = { padded: layout.steps_padded, packed: layout.steps_packed, saved: layout.steps_padded - layout.steps_packed, share: share(layout.saved) };
    part(".rv-saved").textContent = say(numbers.saved ? labels.packed_saved : labels.packed_none, numbers);
    draw();
  }
  root.dataset.seq = Number(root.dataset.seq) + 1;
};
const offline = () => part(".rv-notices").replaceChildren(make("p", { class: "rv-alert" }, labels.offline));
const wait = () => part(".rv-notices").replaceChildren(make("p", {}, labels.waiting));
const ask = lastWins((lines) => server.pack_sentences(wellFormed(lines)), { use: show, fail: offline, wait });
const changed = () => {
  grow(batch);
  ask(batch.value);
};

root.querySelector("label").textContent = labels.packed_sentences;
root.querySelectorAll("figcaption").forEach((caption, place) => {
  caption.textContent = [labels.packed_padded, labels.packed_packed, labels.packed_data][place];
});
const chips = part(".rv-chips");
chips.append(make("span", {}, labels.try));
for (const chip of props.chips) {
  const button = make("button", { type: "button", class: "rv-chip" }, chip.name);
  button.addEventListener("click", () => {
    batch.value = chip.text;
    changed();
  });
  chips.append(button);
}
batch.addEventListener("input", changed);
part(".rv-play").addEventListener("click", play);
part(".rv-picture").addEventListener("pointerover", (event) => point(event.target.closest(".rv-cell")?.dataset.key ?? null));
part(".rv-picture").addEventListener("pointerleave", () => point(null));
part(".rv-picture").addEventListener("click", (event) => point(event.target.closest(".rv-cell")?.dataset.key ?? null));
batch.value = props.value.lines;
show(props.value);
onWidth(root, () => {
  grow(batch);
  draw();
});
