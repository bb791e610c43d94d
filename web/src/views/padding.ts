// What padding does: one text of the batch, read alone and filled up, by a network that reads its padding. Its answer and
// its state go on changing; packed, they stand still. One question holds every length of filling, so stepping asks nothing.

import { isDark, TINTS } from "../model/colours";
import { isolated } from "../model/text";
import { choices, walkable } from "../ui/choices";
import { make, onWidth } from "../ui/dom";
import { paddingPlot } from "./paddingPlot";

export const padding = (place, page) => {
  const MOST = 60; // tokens that a text is filled up to here
  const STEP_MS = 250;
  const FADE = 40; // pixels at the right where a picture that runs on fades, as in the style sheet
  const MOVED = 4; // units that are shown
  const state = {
    texts: [],
    chosen: 0,
    found: null,
    asked: null,
    length: null,
    stepped: false,
    seen: false,
    timer: 0,
    drawn: [],
  };

  const press = (name, attributes) => make("button", { type: "button", class: `rv-button ${name}`, ...attributes });
  const div = (name, ...inside) => make("div", { class: name }, ...inside);
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
  const table = make("div", { class: "rv-table", role: "group", tabindex: 0, "data-say-label": "as_table" });
  const details = make("details", { class: "rv-details" }, make("summary", { "data-say": "as_table" }), table);
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
    details,
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

  const cells = () => state.length - state.found.tokens.length;
  const unitOf = (unit) => page.say("unit", { unit });
  // The answer with those units alone that the filling, as long as it is now, has moved most: these first.
  const mostMoved = () => {
    const { found } = state;
    const { units, states, alone } = found;
    const moved = states.map((values, place) => Math.abs(values[state.length - 1] - alone.states[place]));
    const places = [...units.keys()].sort((one, other) => moved[other] - moved[one]).slice(0, MOVED);
    const these = (all) => places.map((place) => all[place]);
    return {
      ...found,
      known: units,
      units: these(units),
      states: these(states),
      alone: { ...alone, states: these(alone.states) },
    };
  };
  const fine = (share) => page.share(share, { minimumFractionDigits: 2 });

  // --- what is said --------------------------------------------------------------------------------------------------

  const story = () => {
    const { tokens, labels, verdicts, winners, alone } = state.found;
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
  const movement = ({ units: [unit], states: [values], alone }) => {
    const [before, after] = [alone.states[0], values[state.length - 1]].map((value) => page.signed(value));
    return before === after ? "" : page.say("drift_state", { unit, before, after });
  };
  const measurement = () => {
    const { padding, accuracy } = state.found;
    if (!padding || !accuracy) return "";
    const said = [page.say("drift_measured", { count: padding.changed, texts: padding.n })];
    if (padding.changed)
      said.push(page.say("drift_accuracy", { alone: fine(padding.accuracy_alone), batches: fine(accuracy) }));
    return said.join(" ");
  };

  const fillTable = () => {
    if (!details.open) return;
    const { tokens, labels, verdicts, units, states } = mostMoved();
    const heads = [page.say("word"), ...labels.map(page.classOf), ...units.map(unitOf)];
    const name = (t) =>
      t < tokens.length ? isolated(tokens[t]) : page.say("drift_cell", { number: t - tokens.length + 1 });
    const numbers = (t) => [...verdicts[t].map(page.share), ...states.map((values) => page.signed(values[t]))];
    const rows = verdicts
      .slice(0, state.length)
      .map((_, t) =>
        make("tr", {}, make("th", { scope: "row" }, name(t)), ...numbers(t).map((number) => make("td", {}, number))),
      );
    table.replaceChildren(
      make(
        "table",
        {},
        make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
        make("tbody", {}, ...rows),
      ),
    );
  };

  // --- the picture, in the state that the controls say -----------------------------------------------------------------

  // A text is shown from its first word on; whoever steps sees where the filling ends.
  const step = () => {
    const { found } = state;
    slider.min = found.tokens.length;
    slider.max = found.padded_to;
    slider.value = state.length;
    slider.disabled = control.disabled = found.padded_to === found.tokens.length;
    less.disabled = cells() === 0;
    more.disabled = state.length === found.padded_to;
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
    fillTable();
    box.dataset.length = state.length;
  };
  const to = (wanted) => {
    state.length = Math.min(Math.max(wanted, state.found.tokens.length), state.found.padded_to);
    state.stepped = true;
    step();
  };

  const say = () => {
    page.translate(box);
    control.textContent = state.timer ? `■ ${page.say("stop")}` : `▶ ${page.say("drift_play")}`;
  };
  const stop = () => {
    clearInterval(state.timer);
    state.timer = 0;
    say();
  };
  const play = () => {
    if (state.timer) return stop();
    const last = cells() ? state.length : state.found.padded_to;
    to(state.found.tokens.length);
    state.timer = setInterval(() => (state.length < last ? to(state.length + 1) : stop()), STEP_MS);
    say();
  };

  // --- which text, and the question ------------------------------------------------------------------------------------

  const ask = page.asker("padding_drift", {
    again: true,
    use: (found, { text }) => {
      if (text !== state.asked) return; // another text has been asked about since
      state.found = found.tokens ? found : null; // no such network, or no such words
      box.hidden = !state.found || !state.texts.length;
      if (box.hidden) return;
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
  const choose = (place) => {
    stop();
    state.chosen = place;
    follow();
    draw();
  };
  // A new batch: of one that is being changed the chosen text stays; else the shortest one has the most padding.
  const batch = (texts) => {
    stop();
    const names = (some) => some.map((words) => words.join(" "));
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
    if (box.hidden || !scroll.clientWidth) return;
    const drawn = [state.found, state.texts, state.chosen, scroll.clientWidth, isDark(), page.dictionary()];
    if (drawn.every((one, n) => one === state.drawn[n])) return;
    state.drawn = drawn;
    say();
    choices(
      switcher,
      state.texts.map((words) => words.map(isolated).join(" ")),
      state.chosen,
      choose,
    );
    intro.textContent = page.say("drift_intro", { model: page.titleOf(state.found.model) });
    measured.textContent = measurement();
    step();
  };

  control.addEventListener("click", play);
  const by = (wanted) => {
    stop();
    to(wanted);
  };
  slider.addEventListener("input", () => by(Number(slider.value)));
  less.addEventListener("click", () => by(state.length - 1));
  more.addEventListener("click", () => by(state.length + 1));
  scroll.addEventListener("click", (event) => {
    const column = event.target.closest("[data-token]");
    if (column) by(Number(column.dataset.token) + 1);
  });
  details.addEventListener("toggle", fillTable);
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
