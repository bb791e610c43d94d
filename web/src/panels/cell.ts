// F, the cell: what one unit does at one word, with the numbers that it did it with, drawn, written out and said.

import { choices, walkable } from "../ui/choices";
import { keyed, make, renew, tell } from "../ui/dom";
import { cellDrawings } from "./cellDrawings";

export const cell = (page) => {
  const SLOW_MS = 900;
  // The order in which a cell comes to its state. Of all but the last of an LSTM's two states a person may take hold.
  const FLOW = {
    lstm: ["forget", "input", "candidate", "cell", "output", "hidden"],
    gru: ["reset", "update", "candidate", "hidden"],
    rnn: ["hidden"],
  };
  const HELD = {
    lstm: ["forget", "input", "candidate", "output"],
    gru: ["reset", "update", "candidate"],
    rnn: ["hidden"],
  };
  const [card, where, said, list] = [".rv-cell-card", ".rv-cell-card > .rv-where", ".rv-did", ".rv-values"].map(
    page.part,
  );
  const inside = [".rv-cell-drawing", ".rv-values", ".rv-did", ".rv-equation", ".rv-opened"].map(page.part);
  const slow = page.part(".rv-slow");
  const draws = cellDrawings(page);
  const state = { way: "folded", picture: null, built: null, rows: {}, timer: 0, step: null };
  walkable(page.part(".rv-ways"));

  const squash = () => page.reading.nonlinearity ?? "tanh"; // the first picture, kept with the page, does not say

  // --- the numbers of a place ------------------------------------------------------------------------------------------

  // Every signal by its name; what was there before (null where it is outside the window), what was kept of it and what
  // was added; whether a plain RNN's state is held, so that no sum made it.
  const numbersAt = ({ token, unit, layer, direction }) => {
    const { reading } = page;
    const last = reading.earlier(token, direction);
    const before = (name) =>
      last === undefined ? null : last === null ? 0 : reading.value(reading.signal(name), last, unit, layer, direction);
    const found = { first: last === null, before: before(reading.memory), state: before("hidden") };
    for (const signal of reading.signals) found[signal.name] = reading.value(signal, token, unit, layer, direction);
    found.held = reading.cell === "rnn" && page.heldAt("hidden", { token, unit, layer, direction }) !== null;
    const keeper = reading.cell === "lstm" ? found.forget : found.update;
    found.rest = reading.cell === "gru" ? 1 - found.update : null;
    found.added =
      reading.cell === "lstm"
        ? found.input * found.candidate
        : reading.cell === "gru"
          ? found.rest * found.candidate
          : null;
    found.kept = found.before === null || keeper === undefined ? null : keeper * found.before;
    found.digits = digitsOf(found, found[reading.memory]);
    return found;
  };
  const digitsOf = ({ kept, added }, sum) =>
    kept === null || added === null ? 2 : page.digitsFor([kept, added], sum, 3);

  const equations = (n) => {
    const plain = (value) => (value === null ? "?" : page.signed(value, n.digits));
    const below = (value) => value <= -0.5 / 10 ** n.digits; // what is written with a minus
    const inside = (value) => (value !== null && below(value) ? `(${plain(value)})` : plain(value));
    const sum = (left, right) => `${plain(left)} ${below(right) ? "−" : "+"} ${plain(Math.abs(right))}`;
    // What is added, as it is shown: so that the sum adds up also where the third digit of all that came in 16 bits would not.
    const rest = ({ kept, added, digits }) =>
      kept === null ? added : page.apart(kept, n[page.reading.memory], digits);
    const times = (left, right) => plain(left) + (n.digits > 2 ? "·" : " · ") + inside(right);
    if (page.reading.cell === "lstm") {
      return [
        ["c", "f · c′ + i · g"],
        ["", `${times(n.forget, n.before)} + ${times(n.input, n.candidate)}`],
        ["", `${sum(n.kept, rest(n))} = ${plain(n.cell)}`],
        ["h", "o · tanh(c)"],
        ["", `${times(n.output, Math.tanh(n.cell))} = ${plain(n.hidden)}`],
      ];
    }
    if (page.reading.cell === "gru") {
      return [
        ["h", "z · h′ + (1 − z) · n"],
        ["", `${times(n.update, n.before)} + ${times(n.rest, n.candidate)}`],
        ["", `${sum(n.kept, rest(n))} = ${plain(n.hidden)}`],
      ];
    }
    if (n.held) return [["h", page.say("value_held", { value: plain(n.hidden) })]];
    return [
      ["h", `${squash()}(W x + U h′ + b)`],
      ["", plain(n.hidden)],
    ];
  };

  const sentence = (n, here) => {
    const { cell: kind } = page.reading;
    const keeper = kind === "lstm" ? n.forget : n.update;
    const plain = (value) => page.signed(value ?? 0, n.digits);
    const values = {
      word: page.token(here.token),
      unit: page.count(here.unit),
      before: n.before === null ? "?" : plain(n.before),
      after: plain(n[page.reading.memory]),
      kept: keeper === undefined ? "" : page.share(keeper),
      gate: plain(kind === "lstm" ? n.input : n.rest),
      candidate: plain(n.candidate),
      shown: plain(n.hidden),
    };
    return page.say(`did_${kind}${n.held ? "_held" : n.before === null ? "_unseen" : n.first ? "_first" : ""}`, values);
  };

  // --- the card --------------------------------------------------------------------------------------------------------

  const rowOf = (signal) => {
    const name = page.nameOf(signal);
    const fill = make("i");
    const bar = make("div", { class: `rv-gauge ${signal.low === 0 ? "rv-gate" : "rv-both"}` }, fill);
    if (page.server && HELD[page.reading.cell].includes(signal.name)) {
      const slider = {
        role: "slider",
        tabindex: 0,
        "aria-label": `${name} ${signal.symbol}`,
        "data-signal": signal.name,
      };
      for (const [key, value] of Object.entries(slider)) bar.setAttribute(key, value);
      bar.append(make("b", { class: "rv-knob" }));
    }
    const number = make("span");
    const reach = make("small");
    const row = make(
      "div",
      { class: "rv-value rv-part", "data-part": signal.name, title: page.meaningOf(signal) },
      make("dt", {}, name, " ", make("var", {}, signal.symbol), reach),
      make("dd", {}, bar, number),
    );
    state.rows[signal.name] = { row, bar, fill, number, reach };
    return row;
  };

  const build = () => {
    const { reading } = page;
    choices(
      page.part(".rv-ways"),
      [page.say("folded"), page.say("unrolled")],
      state.way === "folded" ? 0 : 1,
      (place) => {
        state.way = place ? "unrolled" : "folded";
        draw();
        mark();
      },
    );
    // Kept while only numbers and scales change, so that what is being dragged or has the focus is not replaced.
    const key = [page.language(), reading.cell, state.way, squash()].join();
    if (state.built === key) return;
    state.built = key;
    card.dataset.cell = reading.cell;
    state.picture = draws[state.way]();
    page.part(".rv-cell-drawing").replaceChildren(state.picture.node);
    const focused = document.activeElement?.dataset?.signal;
    state.rows = {};
    list.replaceChildren(...FLOW[reading.cell].map((name) => rowOf(reading.signal(name))));
    if (focused) state.rows[focused]?.bar.focus({ preventScroll: true });
  };

  const fillOf = (value, { ends: [low, high] }) => {
    const at = (number) => 100 * Math.min(1, Math.max(0, (number - low) / (high - low)));
    const [from, to] = [Math.min(at(0), at(value)), Math.max(at(0), at(value))];
    return { left: from, wide: to - from, knob: at(value) };
  };

  const values = (n, here) => {
    for (const [name, { row, bar, fill, number, reach }] of Object.entries(state.rows)) {
      const signal = page.reading.signal(name);
      const held = page.heldAt(name, here);
      const value = held ?? n[name];
      const { left, wide, knob } = fillOf(value, signal);
      fill.style.left = `${left}%`;
      fill.style.width = `${wide}%`;
      fill.classList.toggle("rv-minus", value < 0);
      tell(number, page.signed(value));
      tell(reach, signal.ends[1] > 1 ? ` ±${page.written(signal.ends[1], { maximumFractionDigits: 1 })}` : ""); // a bar that reaches further than the others
      row.classList.toggle("rv-held", held !== null);
      if (bar.lastChild === fill) continue;
      bar.lastChild.style.left = `${knob}%`;
      const text = held === null ? page.signed(value) : page.say("value_held", { value: page.signed(value) });
      renew(bar, {
        "aria-valuemin": signal.ends[0],
        "aria-valuemax": signal.ends[1],
        "aria-valuenow": value.toFixed(3),
        "aria-valuetext": text,
      });
    }
  };

  const mark = () => {
    const { reading } = page;
    if (!state.picture) return;
    if (state.timer && page.played !== null) stop();
    const here = page.here();
    const n = numbersAt(here);
    const kept =
      page.pinned.token !== null &&
      here.token === page.pinned.token &&
      (page.hovered.unit === null || page.hovered.unit === page.pinned.unit);
    const idle =
      page.hovered.token === null &&
      page.hovered.unit === null &&
      page.pinned.token === null &&
      page.pinned.unit === null;
    const title = page.say("where", {
      word: page.token(here.token),
      position: reading.start + here.token + 1,
      count: reading.total,
      unit: here.unit,
    });
    const hints = [page.blockOf(here), kept || idle ? page.say(kept ? "pinned" : "where_hint") : ""].filter(
      (hint, last) => hint || last,
    ); // the last is a line of its own, also empty
    keyed(where, [title, ...hints], (line) =>
      make("span", line ? { class: "rv-hint" } : {}, line ? hints[line - 1] : title),
    );
    for (const part of inside) part.classList.toggle("rv-untold", page.toCome(here));
    state.picture.show(n, here);
    values(n, here);
    tell(said, state.step ? stepSays(state.step, n) : sentence(n, here));
    const lines = equations(n);
    keyed(page.part(".rv-equation"), lines.map(String), (place) =>
      make("p", {}, make("b", {}, lines[place][0]), `= ${lines[place][1]}`),
    );
  };

  const draw = () => {
    if (!page.reading) return;
    tell(slow, state.timer ? `■ ${page.say("stop")}` : `▶ ${page.say("slow")}`);
    build();
    light(state.step);
  };

  // --- slow motion: one part of the cell at a time -----------------------------------------------------------------------

  const stepSays = (name, n) => {
    const signal = page.reading.signal(name);
    return page.say("slow_step", {
      signal: page.nameOf(signal),
      symbol: signal.symbol,
      value: page.signed(n[name]),
      meaning: page.meaningOf(signal),
    });
  };
  const light = (name) => {
    card.dataset.step = name ?? "";
    for (const part of card.querySelectorAll(".rv-part")) part.classList.toggle("rv-lit", part.dataset.part === name);
  };
  const go = (name) => {
    state.step = name;
    light(name);
    mark();
  };
  const stop = () => {
    clearInterval(state.timer);
    state.timer = 0;
    slow.textContent = `▶ ${page.say("slow")}`;
    slow.setAttribute("aria-pressed", "false");
    go(null);
  };
  slow.addEventListener("click", () => {
    if (state.timer) return stop();
    const steps = FLOW[page.reading.cell];
    let place = -1;
    const next = () => (++place < steps.length ? go(steps[place]) : stop());
    state.timer = setInterval(next, SLOW_MS);
    slow.textContent = `■ ${page.say("stop")}`;
    slow.setAttribute("aria-pressed", "true");
    next();
  });
  // Before the page's own Esc, which lets go of the word.
  page.root.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !state.timer) return;
      event.preventDefault();
      stop();
    },
    true,
  );

  return { draw, mark };
};
