// The packed batch: one batch three times, as the padded rectangle, as packed columns, as the data in memory. A cell
// pointed at in one picture, or gone to by the arrow keys, is found in all. A table holds the same in words.

import { sendable } from "../model/text";
import { button, grow, make, onWidth, refill } from "../ui/dom";
import { packedPictures } from "./packedPictures";
import { padding } from "./padding";

export const packed = (box, page) => {
  const STEP_MS = 500;
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const state = { layout: null, last: null, shown: null, playing: 0, step: null, key: null, drawn: null };

  box.classList.add("rv-packed");
  box.dataset.seq = 0;
  const div = (name, ...inside) => make("div", { class: name }, ...inside);
  const named = (key, side) => make("figure", {}, make("figcaption", { "data-say": key }), side);
  const batch = make("textarea", {
    id: "rv-batch",
    rows: 4,
    spellcheck: "false",
    autocapitalize: "off",
    autocomplete: "off",
  });
  const control = make("button", { type: "button", class: "rv-button rv-play" });
  const chips = make("div", { class: "rv-chips", role: "group", "data-say-label": "try" });
  const notices = make("div", { class: "rv-notices", role: "status", "aria-live": "polite" });
  const saved = make("p", { class: "rv-saved", "aria-live": "polite" });
  const sizes = make("p", { class: "rv-sizes" });
  const where = make("p", { class: "rv-found", role: "status" });
  const table = make("div", { class: "rv-table", role: "group", tabindex: 0, "data-say-label": "as_table" });
  const details = make("details", { class: "rv-details" }, make("summary", { "data-say": "as_table" }), table);
  const filling = div("rv-filling");
  const [paddedSide, stepsSide, dataSide] = ["rv-padded", "rv-steps", "rv-data"].map((name) => div(`rv-lane ${name}`));
  const packedFigure = named("packed_packed", stepsSide);
  packedFigure.append(sizes);
  const pair = div("rv-pair", named("packed_padded", paddedSide), packedFigure);
  const whole = div("rv-whole", saved, pair, named("packed_data", dataSide), where, details);
  box.append(
    div("rv-field", make("label", { for: "rv-batch", "data-say": "packed_sentences" }), batch),
    div("rv-under", chips, control),
    notices,
    whole,
    filling,
  );
  const below = padding(filling, page);

  // A cell that is out of sight in another picture is brought into sight there.
  const point = (key, own = null) => {
    state.key = key;
    for (const group of whole.querySelectorAll(".rv-here")) group.classList.remove("rv-here");
    where.textContent = page.say("packed_hint");
    if (key === null) return;
    where.textContent = state.shown.told(key);
    for (const group of whole.querySelectorAll(`[data-key="${key}"]`)) {
      group.classList.add("rv-here");
      const lane = group.closest(".rv-lane");
      if (lane !== own) bring(lane, group);
    }
  };
  const bring = (lane, group) => {
    const [x, width] = ["x", "width"].map((name) => Number(group.firstChild.getAttribute(name)));
    if (x < lane.scrollLeft || x + width > lane.scrollLeft + lane.clientWidth)
      lane.scrollLeft = x - lane.clientWidth / 2;
  };

  const fillTable = () => {
    if (details.open && state.shown) table.replaceChildren(state.shown.table());
  };

  const go = (event) => {
    const at = event.target.closest(".rv-cell");
    if (!at || !ARROWS[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    const [column, row] = at.dataset.at.split(",").map(Number);
    const [right, down] = ARROWS[event.key];
    at.closest("svg")
      .querySelector(`[data-at="${column + right},${row + down}"]`)
      ?.focus();
  };
  const enter = ({ target }) => {
    if (!target.matches(".rv-cell")) return;
    for (const other of target.closest("svg").querySelectorAll("[tabindex='0']")) other.setAttribute("tabindex", -1);
    target.setAttribute("tabindex", 0);
    point(target.dataset.key, target.closest(".rv-lane"));
  };

  // Side by side while both rectangles fit; else one above the other. Drawn anew when the batch, the language or the
  // width has changed, and not with every reading of the page.
  const draw = () => {
    const room = (state.room ||= dataSide.clientWidth); // asking makes the browser lay the page out, so it is kept
    const drawn = [box.dataset.seq, room, page.language(), page.dictionary()];
    if (!state.drawn || drawn.some((one, place) => one !== state.drawn[place])) pictures(room, drawn);
    below.draw();
  };
  const pictures = (room, drawn) => {
    say();
    if (!state.layout || !room) return;
    state.drawn = drawn;
    const shown = packedPictures(page, state.layout);
    const half = state.layout.batch_sizes.length * shown.natural() > room / 2 - 20;
    state.shown = shown;
    pair.classList.toggle("rv-wide", half);
    paddedSide.replaceChildren(shown.padded(paddedSide.clientWidth));
    stepsSide.replaceChildren(shown.steps(stepsSide.clientWidth));
    sizes.textContent = `${page.say("packed_sizes")} [${state.layout.batch_sizes.map(page.count).join(", ")}]`;
    dataSide.replaceChildren(shown.data(room));
    fillTable();
    point(state.key);
    reveal(state.step);
  };

  // --- play: the network's steps, one column of the batch at a time ----------------------------------------------------

  const reveal = (step) => {
    state.step = step;
    for (const group of box.querySelectorAll(".rv-cell")) {
      const own = Number(group.dataset.step);
      group.classList.toggle("rv-later", step !== null && own > step);
      group.classList.toggle("rv-now", step !== null && own === step);
    }
    for (const lane of whole.querySelectorAll(".rv-lane")) {
      const now = lane.querySelector(".rv-now");
      if (now) bring(lane, now);
    }
  };
  const stop = () => {
    clearInterval(state.playing);
    state.playing = 0;
    reveal(null);
    say();
  };
  const play = () => {
    if (state.playing) return stop();
    let step = -1;
    const next = () => (++step < state.layout.rows.length ? reveal(step) : stop());
    state.playing = setInterval(next, STEP_MS);
    next();
    say();
  };

  // --- a new batch -----------------------------------------------------------------------------------------------------

  const notesOn = (layout) => {
    const notes = [];
    if (layout.error) notes.push(page.objection(layout));
    else if (layout.texts.length < 2) notes.push(page.say("packed_few"));
    if (layout.cut_texts) notes.push(page.say("packed_most", { count: layout.texts.length }));
    if (layout.cut_tokens) notes.push(page.say("packed_long", { count: layout.cut_tokens }));
    return notes.map((note) => make("p", {}, note));
  };

  const say = () => {
    page.translate(box);
    control.textContent = state.playing ? `■ ${page.say("stop")}` : `▶ ${page.say("packed_play")}`;
    const chip = ({ name, text }) => {
      const open = () => {
        batch.value = name === "textbook" ? text : page.say(text);
        changed();
      };
      return button(page.say(`chip_packed_${name}`), open, { class: "rv-chip" });
    };
    refill(chips, make("span", {}, page.say("try")), ...page.props.batches.map(chip));
    if (!state.layout) return;
    notices.replaceChildren(...notesOn(state.last));
    const { steps_padded: padded_, steps_packed: packed_, saved: part } = state.layout;
    saved.textContent = page.say(part ? "packed_saved" : "packed_none", {
      padded: padded_,
      packed: packed_,
      saved: padded_ - packed_,
      share: page.share(part),
    });
  };

  const show = (layout) => {
    stop();
    const good = !layout.error && layout.texts.length >= 2;
    whole.hidden = !good;
    control.disabled = !good;
    state.last = layout;
    if (good) Object.assign(state, { layout, key: null });
    else notices.replaceChildren(...notesOn(layout));
    box.dataset.seq = Number(box.dataset.seq) + 1;
    below.batch(good ? layout.texts : []);
    draw();
  };
  const ask = page.asker("pack_sentences", {
    again: true,
    use: show,
    fail: () => notices.replaceChildren(make("p", { class: "rv-alert" }, page.say("offline"))),
    wait: () => notices.replaceChildren(make("p", {}, page.say("waiting"))),
  });
  const changed = () => {
    page.batch = batch.value;
    grow(batch);
    ask(sendable(batch.value));
  };

  batch.addEventListener("input", changed);
  control.addEventListener("click", play);
  const under = (event) => {
    const found = event.target.closest(".rv-cell");
    point(found?.dataset.key ?? null, found?.closest(".rv-lane"));
  };
  whole.addEventListener("pointerover", under);
  whole.addEventListener("click", under);
  whole.addEventListener("pointerleave", () => point(null));
  whole.addEventListener("keydown", go);
  whole.addEventListener("focusin", enter);
  whole.addEventListener("focusout", ({ relatedTarget }) => whole.contains(relatedTarget) || point(null));
  details.addEventListener("toggle", fillTable);
  batch.value = page.props.batch.lines;
  show(page.props.batch);
  onWidth(dataSide, draw);
  const open = () => {
    if (batch.value === page.batch) return;
    batch.value = page.batch; // a place of the page that brings its own batch
    changed();
  };
  return { open, draw, close: () => (stop(), below.stop()) };
};
