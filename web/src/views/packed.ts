// The packed batch: one batch three times, as the padded rectangle, as packed columns, as the data in memory. A cell
// pointed at in one picture, or gone to by the arrow keys, is found in all. A table holds the same in words.

import type { Batch } from "../client/contract";
import type { Reply } from "../client/types";
import { sendable } from "../model/text";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { all, button, closest, countUp, grow, make, onWidth, refill, targetOf } from "../ui/dom";
import { stepper } from "../ui/stepper";
import { tableDetails } from "../ui/table";
import { type Pictures, packedPictures } from "./packedPictures";
import { padding } from "./padding";

type Packed = Reply<"pack_sentences">;

/** With fewer than two texts, there is no layout. */
const isLayout = (reply: Packed): reply is Extract<Packed, Batch> => (reply.texts?.length ?? 0) >= 2;

interface State {
  layout: Batch | null;
  /** The last answer, which may have no layout. */
  last: Packed | null;
  shown: Pictures | null;
  /** While it plays, the step of the network. */
  step: number | null;
  /** The cell that is pointed at. */
  key: string | null;
  /** Of what the pictures were drawn last. */
  drawn: unknown[] | null;
  room: number;
}
type Move = readonly [right: number, down: number];

export const packed = (box: HTMLElement, page: Page) => {
  const STEP_MS = 500;
  const ARROWS: Partial<Record<string, Move>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  const state: State = {
    layout: null,
    last: null,
    shown: null,
    step: null,
    key: null,
    drawn: null,
    room: 0,
  };

  box.classList.add("rv-packed");
  box.dataset.seq = "0";
  const div = (name: string, ...inside: Node[]) => make("div", { class: name }, ...inside);
  const named = (key: string, side: HTMLElement) => make("figure", {}, make("figcaption", { "data-say": key }), side);
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
  const details = tableDetails(() => state.shown?.table() ?? null);
  const filling = div("rv-filling");
  const [paddedSide, stepsSide, dataSide] = ["rv-padded", "rv-steps", "rv-data"].map((name) => div(`rv-lane ${name}`));
  const packedFigure = named("packed_packed", stepsSide);
  packedFigure.append(sizes);
  const pair = div("rv-pair", named("packed_padded", paddedSide), packedFigure);
  const whole = div("rv-whole", saved, pair, named("packed_data", dataSide), where, details.node);
  box.append(
    div("rv-field", make("label", { for: "rv-batch", "data-say": "packed_sentences" }), batch),
    div("rv-under", chips, control),
    notices,
    whole,
    filling,
  );
  const below = padding(filling, page);

  // A cell that is out of sight in another picture is brought into sight there.
  const point = (key: string | null, own: Element | null | undefined = null) => {
    state.key = key;
    for (const group of all(whole, ".rv-here")) group.classList.remove("rv-here");
    where.textContent = page.say("packed_hint");
    if (key === null) return;
    where.textContent = there(state.shown).told(key);
    for (const group of all(whole, `[data-key="${key}"]`)) {
      group.classList.add("rv-here");
      const lane = group.closest(".rv-lane");
      if (lane && lane !== own) bring(lane, group);
    }
  };
  const bring = (lane: Element, group: Element) => {
    const [x, width] = ["x", "width"].map((name) => Number(group.firstElementChild?.getAttribute(name)));
    if (x < lane.scrollLeft || x + width > lane.scrollLeft + lane.clientWidth)
      lane.scrollLeft = x - lane.clientWidth / 2;
  };

  const go = (event: KeyboardEvent) => {
    const at = closest(event, ".rv-cell");
    const move = ARROWS[event.key];
    if (!at || !move) return;
    event.preventDefault();
    event.stopPropagation();
    const [column, row] = (at.dataset.at ?? "").split(",").map(Number);
    const [right, down] = move;
    at.closest("svg")
      ?.querySelector<SVGElement>(`[data-at="${column + right},${row + down}"]`)
      ?.focus();
  };
  const enter = (event: Event) => {
    const target = targetOf(event);
    if (!target.matches(".rv-cell")) return;
    const svg = there(target.closest("svg"));
    for (const other of all(svg, "[tabindex='0']")) other.setAttribute("tabindex", "-1");
    target.setAttribute("tabindex", "0");
    point(target.dataset.key ?? null, target.closest(".rv-lane"));
  };

  // Side by side while both rectangles fit; else one above the other. Drawn anew when the batch, the language or the
  // width has changed, and not with every reading of the page.
  const draw = () => {
    state.room ||= dataSide.clientWidth; // asking makes the browser lay the page out, so it is kept
    const { room, drawn: before } = state;
    const drawn = [box.dataset.seq, room, page.language(), page.dictionary()];
    if (!before || drawn.some((one, place) => one !== before[place])) pictures(room, drawn);
    below.draw();
  };
  const pictures = (room: number, drawn: unknown[]) => {
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
    details.draw();
    point(state.key);
    reveal(state.step);
  };

  // --- play: the network's steps, one column of the batch at a time --------------------------------------------------

  const reveal = (step: number | null) => {
    state.step = step;
    for (const group of all(box, ".rv-cell")) {
      const own = Number(group.dataset.step);
      group.classList.toggle("rv-later", step !== null && own > step);
      group.classList.toggle("rv-now", step !== null && own === step);
    }
    for (const lane of all(whole, ".rv-lane")) {
      const now = lane.querySelector(".rv-now");
      if (now) bring(lane, now);
    }
  };
  let next = 0;
  const playStep = () => {
    if (!state.layout || next >= state.layout.rows.length) return false;
    reveal(next);
    next += 1;
    return true;
  };
  const rest = () => {
    reveal(null);
    say();
  };
  const player = stepper(STEP_MS, playStep, rest);
  const play = () => {
    if (player.running) return player.stop();
    next = 0;
    player.start();
    say();
  };

  // --- a new batch ---------------------------------------------------------------------------------------------------

  const notesOn = (layout: Packed) => {
    const notes: string[] = [];
    if (layout.error !== undefined) return [make("p", {}, page.objection(layout))];
    if (layout.texts.length < 2) notes.push(page.say("packed_few"));
    if (layout.cut_texts) notes.push(page.say("packed_most", { count: layout.texts.length }));
    if (layout.cut_tokens) notes.push(page.say("packed_long", { count: layout.cut_tokens }));
    return notes.map((note) => make("p", {}, note));
  };

  const say = () => {
    page.translate(box);
    control.textContent = page.playLabel(player.running, "packed_play");
    const chip = ({ name, text }: { name: string; text: string }) => {
      const open = () => {
        batch.value = name === "textbook" ? text : page.say(text);
        changed();
      };
      return button(page.say(`chip_packed_${name}`), open, { class: "rv-chip" });
    };
    refill(chips, make("span", {}, page.say("try")), ...page.props.batches.map(chip));
    if (!state.layout) return;
    notices.replaceChildren(...notesOn(state.last ?? state.layout));
    const { steps_padded: padded_, steps_packed: packed_, saved: part } = state.layout;
    saved.textContent = page.say(part ? "packed_saved" : "packed_none", {
      padded: padded_,
      packed: packed_,
      saved: padded_ - packed_,
      share: page.share(part),
    });
  };

  const show = (layout: Packed) => {
    player.halt();
    rest();
    const good = isLayout(layout);
    whole.hidden = !good;
    control.disabled = !good;
    state.last = layout;
    if (good) Object.assign(state, { layout, key: null });
    else notices.replaceChildren(...notesOn(layout));
    countUp(box);
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
    page.setBatch(batch.value);
    grow(batch);
    ask(sendable(batch.value));
  };

  batch.addEventListener("input", changed);
  control.addEventListener("click", play);
  const under = (event: Event) => {
    const found = closest(event, ".rv-cell");
    point(found?.dataset.key ?? null, found?.closest(".rv-lane"));
  };
  whole.addEventListener("pointerover", under);
  whole.addEventListener("click", under);
  whole.addEventListener("pointerleave", () => point(null));
  whole.addEventListener("keydown", go);
  whole.addEventListener("focusin", enter);
  whole.addEventListener(
    "focusout",
    ({ relatedTarget }) => whole.contains(relatedTarget as Node | null) || point(null),
  );
  batch.value = page.props.batch.lines;
  show(page.props.batch);
  onWidth(dataSide, draw);
  const open = () => {
    if (batch.value === page.batch) return;
    batch.value = page.batch; // a place of the page that brings its own batch
    changed();
  };
  return {
    open,
    draw,
    close: () => {
      player.stop();
      below.stop();
    },
  };
};
