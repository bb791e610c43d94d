// F, the cell: what one unit does at one word, with the numbers that it did it with, drawn, written out and said.

import type { ReadSignal } from "../client/contract";
import type { CellKind } from "../client/types";
import { type Numbers, numbersAt } from "../model/cellNumbers";
import { apart } from "../model/numbers";
import type { Here } from "../model/place";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { all, keyed, make, renew, tell } from "../ui/dom";
import { stepper } from "../ui/stepper";
import { cellDrawings, type Drawing } from "./cellDrawings";

/** A row of the card: a signal, its bar and its number. */
interface Row {
  row: HTMLElement;
  bar: HTMLElement;
  fill: HTMLElement;
  number: HTMLElement;
  reach: HTMLElement;
}
interface State {
  way: "folded" | "unrolled";
  picture: Drawing | null;
  /** For what it was built. */
  built: string | null;
  rows: Record<string, Row>;
  /** The step of the slow motion. */
  step: string | null;
}

export const cell = (page: Page) => {
  const SLOW_MS = 900;
  // The order in which a cell comes to its state. Of all but the last of an LSTM's two states a person may take hold.
  const FLOW: Record<CellKind, string[]> = {
    lstm: ["forget", "input", "candidate", "cell", "output", "hidden"],
    gru: ["reset", "update", "candidate", "hidden"],
    rnn: ["hidden"],
  };
  const HELD: Record<CellKind, string[]> = {
    lstm: ["forget", "input", "candidate", "output"],
    gru: ["reset", "update", "candidate"],
    rnn: ["hidden"],
  };
  const [card, list] = [page.part(".rv-cell-card"), page.part(".rv-values")];
  const [where, said] = [page.part(".rv-cell-card > .rv-where"), page.part(".rv-did")];
  const inside = [".rv-cell-drawing", ".rv-values", ".rv-did", ".rv-equation", ".rv-opened"].map((one) =>
    page.part(one),
  );
  const slow = page.part(".rv-slow");
  const draws = cellDrawings(page);
  const state: State = { way: "folded", picture: null, built: null, rows: {}, step: null };
  walkable(page.part(".rv-ways"));

  const squash = () => page.reading.nonlinearity ?? "tanh"; // the first picture, kept with the page, does not say

  // --- the numbers of a place ----------------------------------------------------------------------------------------

  const numbersOf = (here: Here) =>
    numbersAt(page.reading, here, page.reading.cell === "rnn" && page.heldAt("hidden", here) !== null);
  const equations = (n: Numbers) => {
    const plain = (value: number | null) => (value === null ? "?" : page.signed(value, n.digits));
    const below = (value: number) => value <= -0.5 / 10 ** n.digits; // what is written with a minus
    const inside = (value: number | null) => (value !== null && below(value) ? `(${plain(value)})` : plain(value));
    const sum = (left: number | null, right: number) =>
      `${plain(left)} ${below(right) ? "−" : "+"} ${plain(Math.abs(right))}`;
    // What is added, as it is shown: so that the sum adds up also where the third digit of all that came in 16 bits
    // would not.
    const rest = ({ kept, added, digits }: Numbers) =>
      kept === null ? (added ?? 0) : apart(kept, n.at[page.reading.memory], digits);
    const times = (left: number | null, right: number | null) =>
      plain(left) + (n.digits > 2 ? "·" : " · ") + inside(right);
    if (page.reading.cell === "lstm") {
      return [
        ["c", "f · c′ + i · g"],
        ["", `${times(n.at.forget, n.before)} + ${times(n.at.input, n.at.candidate)}`],
        ["", `${sum(n.kept, rest(n))} = ${plain(n.at.cell)}`],
        ["h", "o · tanh(c)"],
        ["", `${times(n.at.output, Math.tanh(n.at.cell))} = ${plain(n.at.hidden)}`],
      ];
    }
    if (page.reading.cell === "gru") {
      return [
        ["h", "z · h′ + (1 − z) · n"],
        ["", `${times(n.at.update, n.before)} + ${times(n.rest, n.at.candidate)}`],
        ["", `${sum(n.kept, rest(n))} = ${plain(n.at.hidden)}`],
      ];
    }
    if (n.held) return [["h", page.say("value_held", { value: plain(n.at.hidden) })]];
    return [
      ["h", `${squash()}(W x + U h′ + b)`],
      ["", plain(n.at.hidden)],
    ];
  };

  const sentence = (n: Numbers, here: Here) => {
    const { cell: kind } = page.reading;
    const { keeper } = n;
    const plain = (value: number | null) => page.signed(value ?? 0, n.digits);
    const values = {
      word: page.token(here.token),
      unit: page.count(here.unit),
      before: n.before === null ? "?" : plain(n.before),
      after: plain(n.at[page.reading.memory]),
      kept: keeper === null ? "" : page.share(keeper),
      gate: plain(kind === "lstm" ? n.at.input : n.rest),
      candidate: plain(n.at.candidate ?? null),
      shown: plain(n.at.hidden),
    };
    return page.say(`did_${kind}${n.held ? "_held" : n.before === null ? "_unseen" : n.first ? "_first" : ""}`, values);
  };

  // --- the card ------------------------------------------------------------------------------------------------------

  const rowOf = (signal: ReadSignal) => {
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
      renew(bar, slider);
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
    const picture = draws[state.way]();
    state.picture = picture;
    page.part(".rv-cell-drawing").replaceChildren(picture.node);
    const focused = (document.activeElement as HTMLElement | null)?.dataset.signal;
    state.rows = {};
    list.replaceChildren(...FLOW[reading.cell].map((name) => rowOf(reading.signal(name))));
    if (focused) state.rows[focused]?.bar.focus({ preventScroll: true });
  };

  const fillOf = (value: number, { ends: [low, high] }: ReadSignal) => {
    const at = (number: number) => 100 * Math.min(1, Math.max(0, (number - low) / (high - low)));
    const [from, to] = [Math.min(at(0), at(value)), Math.max(at(0), at(value))];
    return { left: from, wide: to - from, knob: at(value) };
  };

  const values = (n: Numbers, here: Here) => {
    for (const [name, { row, bar, fill, number, reach }] of Object.entries(state.rows)) {
      const signal = page.reading.signal(name);
      const held = page.heldAt(name, here);
      const value = held ?? n.at[name];
      const { left, wide, knob } = fillOf(value, signal);
      fill.style.left = `${left}%`;
      fill.style.width = `${wide}%`;
      fill.classList.toggle("rv-minus", value < 0);
      tell(number, page.signed(value));
      // A bar that reaches further than the others.
      tell(reach, signal.ends[1] > 1 ? ` ±${page.written(signal.ends[1], { maximumFractionDigits: 1 })}` : "");
      row.classList.toggle("rv-held", held !== null);
      const handle = bar.lastElementChild as HTMLElement;
      if (handle === fill) continue;
      handle.style.left = `${knob}%`;
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
    if (slowly.running && page.played !== null) slowly.stop();
    const here = page.here();
    const n = numbersOf(here);
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
    if (!page.shown) return;
    tellSlow();
    build();
    light(state.step);
  };

  // --- slow motion: one part of the cell at a time -------------------------------------------------------------------

  const stepSays = (name: string, n: Numbers) => {
    const signal = page.reading.signal(name);
    return page.say("slow_step", {
      signal: page.nameOf(signal),
      symbol: signal.symbol,
      value: page.signed(n.at[name]),
      meaning: page.meaningOf(signal),
    });
  };
  const light = (name: string | null) => {
    card.dataset.step = name ?? "";
    for (const part of all(card, ".rv-part")) part.classList.toggle("rv-lit", part.dataset.part === name);
  };
  const go = (name: string | null) => {
    state.step = name;
    light(name);
    mark();
  };
  const tellSlow = () => {
    tell(slow, page.playLabel(slowly.running, "slow"));
    slow.setAttribute("aria-pressed", String(slowly.running));
  };
  let place = 0;
  const slowStep = () => {
    const name = FLOW[page.reading.cell][place];
    if (name === undefined) return false;
    go(name);
    place += 1;
    return true;
  };
  const slowly = stepper(SLOW_MS, slowStep, () => {
    tellSlow();
    go(null);
  });
  slow.addEventListener("click", () => {
    if (slowly.running) return slowly.stop();
    if (!page.shown) return;
    place = 0;
    slowly.start();
    tellSlow();
  });
  // Before the page's own Esc, which lets go of the word.
  page.root.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !slowly.running) return;
      event.preventDefault();
      slowly.stop();
    },
    true,
  );

  return { draw, mark };
};
