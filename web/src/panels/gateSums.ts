// The cell opened: W x, U h′ and b, and the gate that their sum becomes. Asked of the server, at the kept word, on
// demand.

import type { OpenedCell, PlainGate, Push, ScaledGate } from "../client/contract";
import type { OneOf } from "../client/types";
import { digitsFor } from "../model/numbers";
import type { Reading } from "../model/reading";
import type { Page } from "../state/page";
import { button, countUp, make, tell } from "../ui/dom";

type Gate = OneOf<PlainGate | ScaledGate>;

/** Whether it is the candidate of a GRU, of which the reset gate scales what comes from the state. */
const isScaled = (sum: Gate): sum is Extract<Gate, ScaledGate> => sum.inner !== undefined;

export const gateSums = (page: Page) => {
  const control = page.part(".rv-open");
  const box = page.part(".rv-opened");
  let open = false;
  let wanted = ""; // the place that was asked for last
  let found: (OpenedCell & { of: Reading }) | null = null;
  const readings = new WeakMap<object, Reading>(); // which reading a question is about

  const number = (value: number) => page.signed(value);
  const cells = (kind: "td" | "th", ...texts: string[]) =>
    make(
      "tr",
      {},
      ...texts.map((text, n) => make(n ? kind : "th", { scope: n ? (kind === "th" ? "col" : null) : "row" }, text)),
    );

  const pushes = ({ pushes: most }: Gate) => {
    const one = ({ unit, push }: Push) =>
      button(
        `${page.say("unit", { unit })} ${push > -0.005 ? "+" : ""}${number(push)}`,
        () => {
          const { token, layer, direction } = page.here();
          page.select({ token, unit, layer, direction });
        },
        { class: "rv-push" },
      );
    return make("tr", { class: "rv-pushes" }, make("td", { colspan: 6 }, ...most.map(one)));
  };
  const gate = (sum: Gate) => {
    const heard = isScaled(sum) ? sum.reset * sum.inner : sum.from_hidden;
    const digits = digitsFor([sum.from_input, heard, sum.bias], sum.sum);
    const row = cells(
      "td",
      sum.symbol,
      ...[sum.from_input, heard, sum.bias, sum.sum].map((one) => page.signed(one, digits)),
      number(sum.value),
    );
    row.lastElementChild?.prepend(make("i", {}, `${sum.squash} `));
    row.title = page.nameOf(page.reading.signal(sum.name));
    return sum.held
      ? [
          row,
          make(
            "tr",
            {},
            make("td", { colspan: 6, class: "rv-note-held" }, page.say("opened_held", { value: number(sum.value) })),
          ),
          pushes(sum),
        ]
      : [row, pushes(sum)];
  };

  // What x is: an embedding, that of a known or of an unknown word, or what the layer below shows.
  const source = ({ token, layer }: OpenedCell) => {
    const t = token - page.reading.start;
    if (layer) return page.say("opened_below", { layer, word: page.token(t) });
    return page.say(page.reading.unknown[t] ? "opened_unknown" : "opened_word", { word: page.token(t) });
  };
  const show = () => {
    const t = found ? found.token - page.reading.start : -1;
    if (!found || found.of !== page.reading || page.reading.tokens[t] === undefined)
      return box.replaceChildren(make("p", { class: "rv-hint" }, page.say("waiting")));
    const { features, units, gates } = found;
    const scaled = gates.find(isScaled);
    const table = make(
      "table",
      {},
      make("thead", {}, cells("th", "", "W x", "U h′", "b", "Σ", "")),
      make("tbody", {}, ...gates.flatMap(gate)),
    );
    box.replaceChildren(
      make("p", { class: "rv-open-title" }, page.say("opened_title", { word: page.token(t), unit: found.unit })),
      make("p", { class: "rv-hint" }, page.say("pushes")),
      table,
      scaled
        ? make(
            "p",
            { class: "rv-hint" },
            page.say("opened_reset", { reset: number(scaled.reset), inner: number(scaled.inner) }),
          )
        : "",
      make("p", { class: "rv-hint" }, page.say("opened_shapes", { units, features })),
      make("p", { class: "rv-hint" }, source(found)),
    );
  };

  const ask = page.asker("open_cell", {
    again: true,
    use: (answer, question) => {
      // Another reading is shown by now, and will ask for itself.
      if (!open || readings.get(question) !== page.reading) return;
      if (answer.empty) return;
      if (answer.error !== undefined)
        return box.replaceChildren(make("p", { class: "rv-alert" }, page.objection(answer)));
      found = { ...answer, of: page.reading };
      show();
      countUp(box);
    },
    fail: () => box.replaceChildren(make("p", { class: "rv-alert" }, page.say("offline"))),
  });
  const draw = () => {
    tell(control, page.say(open ? "close_sum" : "open_sum"));
    control.setAttribute("aria-expanded", String(open));
    box.hidden = !open;
    wanted = "";
    if (open && found) show();
  };
  // Follows what is kept and what is read, not what is only pointed at.
  const mark = () => {
    const { reading, hovered } = page;
    if (!open || hovered.token !== null || hovered.unit !== null) return;
    const here = page.here();
    const key = [reading.start + here.token, here.unit, here.layer, here.direction].join();
    if (key === wanted) return;
    wanted = key;
    const question = {
      model: reading.model,
      text: reading.text,
      holds: page.holds,
      ...here,
      token: reading.start + here.token,
    };
    readings.set(question, reading);
    ask(question);
  };
  control.addEventListener("click", () => {
    open = !open;
    found = null;
    draw();
    if (open) show();
    mark();
  });
  return { draw, mark };
};
