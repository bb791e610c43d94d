// What padding does: one text of the batch, read alone and filled up, by a network that reads its padding. Its answer
// and its state go on changing; packed, they stand still. One question holds every length of filling, so stepping asks
// nothing.

import type { Drift } from "../client/contract";
import { isDark, TINTS } from "../model/colours";
import { clamp, counting } from "../model/numbers";
import { isolated } from "../model/text";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { type Attributes, closest, make, onWidth } from "../ui/dom";
import { stepper } from "../ui/stepper";
import { type TableContent, tableDetails } from "../ui/table";
import { type Moved, paddingPlot } from "./paddingPlot";

interface State {
  texts: string[][];
  /** Which of the texts is filled up. */
  chosen: number;
  found: Drift | null;
  asked: string | null;
  /** How many tokens it is filled up to. */
  length: number;
  /** Whether the reader has changed that. */
  stepped: boolean;
  /** Whether a visitor has come near. */
  seen: boolean;
}

export const padding = (place: HTMLElement, page: Page) => {
  const MOST = 60; // tokens that a text is filled up to here
  const STEP_MS = 250;
  const FADE = 40; // pixels at the right where a picture that runs on fades, as in the style sheet
  const MOVED = 4; // units that are shown
  const state: State = { texts: [], chosen: 0, found: null, asked: null, length: 0, stepped: false, seen: false };
  let drawn: unknown[] = [];

  const press = (name: string, attributes: Attributes = {}) =>
    make("button", { type: "button", class: `rv-button ${name}`, ...attributes });
  const div = (name: string, ...inside: Node[]) => make("div", { class: name }, ...inside);
  const switcher = make("div", {
    class: "rv-tabs rv-drift-texts",
    role: "radiogroup",
    "data-say-label": "drift_texts",
  });
  const control = press("rv-drift-play");
  const less = press("rv-drift-step", { "data-say-label": "drift_less" });
  const more = press("rv-drift-step", { "data-say-label": "drift_more" });
  less.textContent = "−";
  more.textContent = "+";
  const slider = make("input", { type: "range", id: "rv-drift-length", min: 1, max: MOST, step: 1 });
  const length = make("output", { for: "rv-drift-length" });
  const told = make("p", { class: "rv-said", role: "status", "aria-live": "polite" });
  const legend = make(
    "ul",
    { class: "rv-drift-legend" },
    ...["padded", "packed"].map((way) => make("li", { class: `rv-drift-${way}`, "data-say": `drift_${way}` })),
  );
  const scroll = make("div", { class: "rv-columns", role: "group", tabindex: 0, "data-say-label": "drift_answers" });
  const moved = make("p", { class: "rv-drift-moved" });
  const measured = make("p", { class: "rv-note" });
  const details = tableDetails(() => tableContent());
  const intro = make("p", { class: "rv-note" });
  const fill = div(
    "rv-drift-fill",
    make("label", { for: "rv-drift-length", "data-say": "drift_length" }),
    less,
    slider,
    more,
    length,
  );
  const whole = div(
    "rv-drift-whole",
    div("rv-drift-tools", control, fill),
    told,
    legend,
    scroll,
    moved,
    measured,
    details.node,
  );
  const box = make(
    "section",
    { class: "rv-drift", hidden: "" },
    make("h3", { class: "rv-heading", "data-say": "drift" }),
    intro,
    switcher,
    whole,
  );
  place.append(box);
  walkable(switcher);

  const cells = () => state.length - there(state.found).tokens.length;
  const unitOf = (unit: number) => page.say("unit", { unit });
  // The answer with those units alone that the filling, as long as it is now, has moved most: these first.
  const mostMoved = (): Moved => {
    const found = there(state.found);
    const { units, states, alone } = found;
    const moved = states.map((values, place) => Math.abs(values[state.length - 1] - alone.states[place]));
    const places = [...units.keys()].sort((one, other) => moved[other] - moved[one]).slice(0, MOVED);
    const these = <T>(all: T[]): T[] => places.map((place) => all[place]);
    return {
      ...found,
      known: units,
      units: these(units),
      states: these(states),
      alone: { ...alone, states: these(alone.states) },
    };
  };
  const fine = (share: number) => page.share(share, { minimumFractionDigits: 2 });

  // --- what is said --------------------------------------------------------------------------------------------------

  const story = () => {
    const { tokens, labels, verdicts, winners, alone } = there(state.found);
    const [before, after] = [alone.winner, winners[state.length - 1]];
    const share = page.share(alone.verdict[before]);
    const said = {
      before: page.classOf(labels[before]),
      before_share: share,
      after: page.classOf(labels[after]),
      after_share: page.share(verdicts[state.length - 1][after]),
      count: cells(),
    };
    if (said.count === 0) return page.say("drift_none", said);
    if (before !== after) return page.say("drift_turned", said);
    const between = winners.slice(tokens.length, state.length).find((place) => place !== before);
    if (between !== undefined) return page.say("drift_returned", { ...said, between: page.classOf(labels[between]) });
    return page.say(said.after_share === share ? "drift_same" : "drift_moved", said);
  };
  const movement = ({ units: [unit], states: [values], alone }: Moved) => {
    const [before, after] = [alone.states[0], values[state.length - 1]].map((value) => page.signed(value));
    return before === after ? "" : page.say("drift_state", { unit, before, after });
  };
  const measurement = () => {
    const { padding, accuracy } = there(state.found);
    if (!padding || !accuracy) return "";
    const said = [page.say("drift_measured", { count: padding.changed, texts: padding.n })];
    if (padding.changed)
      said.push(page.say("drift_accuracy", { alone: fine(padding.accuracy_alone), batches: fine(accuracy) }));
    return said.join(" ");
  };

  const tableContent = (): TableContent | null => {
    if (!state.found) return null;
    const { tokens, labels, verdicts, units, states } = mostMoved();
    const name = (t: number) =>
      t < tokens.length ? isolated(tokens[t]) : page.say("drift_cell", { number: t - tokens.length + 1 });
    const shares = (t: number) => verdicts[t].map((share) => page.share(share));
    const numbers = (t: number) => [...shares(t), ...states.map((values) => page.signed(values[t]))];
    return {
      heads: [page.say("word"), ...labels.map(page.classOf), ...units.map(unitOf)],
      rows: counting(state.length).map((t) => [name(t), ...numbers(t)]),
    };
  };

  // --- the picture, in the state that the controls say ---------------------------------------------------------------

  // A text is shown from its first word on; whoever steps sees where the filling ends.
  const step = () => {
    const { tokens, padded_to } = there(state.found);
    slider.min = String(tokens.length);
    slider.max = String(padded_to);
    slider.value = String(state.length);
    slider.disabled = control.disabled = padded_to === tokens.length;
    less.disabled = cells() === 0;
    more.disabled = state.length === padded_to;
    length.textContent = page.say("drift_filled", { count: cells(), length: state.length });
    slider.setAttribute("aria-valuetext", length.textContent);
    told.textContent = story();
    const shown = mostMoved();
    moved.textContent = movement(shown);
    const { picture, end } = paddingPlot(page, shown, state.length, scroll.clientWidth, TINTS[state.chosen]);
    const { scrollLeft, clientWidth } = scroll;
    scroll.replaceChildren(picture);
    const wanted = Math.max(Math.min(scrollLeft, Math.max(0, end - clientWidth / 2)), end + FADE - clientWidth);
    scroll.scrollLeft = state.stepped ? wanted : scrollLeft;
    details.draw();
    box.dataset.length = String(state.length);
  };
  const to = (wanted: number) => {
    const { tokens, padded_to } = there(state.found);
    state.length = clamp(wanted, tokens.length, padded_to);
    state.stepped = true;
    step();
  };

  const say = () => {
    page.translate(box);
    control.textContent = page.playLabel(player.running, "drift_play");
  };
  let playedTo = 0;
  const playStep = () => {
    if (state.length >= playedTo) return false;
    to(state.length + 1);
    return true;
  };
  const player = stepper(STEP_MS, playStep, () => say());
  const { stop } = player;
  const play = () => {
    if (player.running) return stop();
    const { tokens, padded_to } = there(state.found);
    playedTo = cells() ? state.length : padded_to;
    to(tokens.length);
    player.start(false);
    say();
  };

  // --- which text, and the question ----------------------------------------------------------------------------------

  const ask = page.asker("padding_drift", {
    again: true,
    use: (found, { text }) => {
      if (text !== state.asked) return; // another text has been asked about since
      state.found = found.tokens ? found : null; // no such network, or no such words
      box.hidden = !state.found || !state.texts.length;
      if (!found.tokens || box.hidden) return;
      state.stepped = false;
      scroll.scrollLeft = 0;
      state.length = Math.min(
        Math.max(found.tokens.length, ...state.texts.map((words) => words.length)),
        found.padded_to,
      );
      box.dataset.text = text;
      draw();
    },
  });
  const follow = () => {
    const text = state.texts[state.chosen]?.join(" ");
    if (!state.seen || !text || text === state.asked) return;
    state.asked = text;
    ask({ text, pad_to: MOST });
  };
  const choose = (place: number) => {
    stop();
    state.chosen = place;
    follow();
    draw();
  };
  // A new batch: of one that is being changed the chosen text stays; else the shortest one has the most padding.
  const batch = (texts: string[][]) => {
    stop();
    const names = (some: string[][]) => some.map((words) => words.join(" "));
    const changing =
      texts.length === state.texts.length && names(texts).some((name) => names(state.texts).includes(name));
    if (!changing)
      state.chosen = Math.max(
        0,
        texts.findIndex((words) => words.length === Math.min(...texts.map((some) => some.length))),
      );
    state.texts = texts;
    state.asked = null;
    if (!texts.length) box.hidden = true;
    follow();
  };

  const draw = () => {
    if (box.hidden || !scroll.clientWidth || !state.found) return;
    const now = [state.found, state.texts, state.chosen, scroll.clientWidth, isDark(), page.dictionary()];
    if (now.every((one, n) => one === drawn[n])) return;
    drawn = now;
    say();
    choices(
      switcher,
      state.texts.map((words) => words.map(isolated).join(" ")),
      state.chosen,
      choose,
    );
    intro.textContent = page.say("drift_intro", { model: page.titleOf(there(state.found).model) });
    measured.textContent = measurement();
    step();
  };

  control.addEventListener("click", play);
  const by = (wanted: number) => {
    stop();
    to(wanted);
  };
  slider.addEventListener("input", () => by(Number(slider.value)));
  less.addEventListener("click", () => by(state.length - 1));
  more.addEventListener("click", () => by(state.length + 1));
  scroll.addEventListener("click", (event) => {
    const column = closest(event, "[data-token]");
    if (column) by(Number(column.dataset.token) + 1);
  });
  onWidth(place, draw);
  // Nothing is asked before a visitor comes near.
  const near = new IntersectionObserver(
    (found) => {
      if (!found.some(({ isIntersecting }) => isIntersecting)) return;
      near.disconnect();
      state.seen = true;
      follow();
    },
    { rootMargin: "400px" },
  );
  near.observe(place);
  return { batch, draw, stop };
};
