// F, drawn: one cell folded, with its loop, or unrolled over the words. Built once for a kind of cell; then only the
// numbers on its wires, their colours and the words change.

import type { ReadSignal } from "../client/contract";
import type { CellKind } from "../client/types";
import type { Numbers } from "../model/cellNumbers";
import { colourOf, css, inkOn } from "../model/colours";
import type { Here } from "../model/place";
import { cutTo, visible } from "../model/text";
import type { Page } from "../state/page";
import { make, svgMake, tell } from "../ui/dom";

type Chip = [key: string, symbol: string, x: number, y: number];
type Operation = [key: string, sign: string, x: number, y: number];
type Wire = [key: string, path: string, arrow?: boolean, kind?: "memory"];
/** A number on a wire. */
type Note = [key: string, x: number, y: number];
type Mark = [name: string, x: number, y: number];
/**
 * A cell folded: chips hold a number, nodes do something with it, wires lead from one to the next. The keys are
 * those of the slow motion, which lights up all that has the same one.
 */
interface Plan {
  tall: number;
  chips: Chip[];
  nodes: Operation[];
  wires: Wire[];
  notes: Note[];
  marks: Mark[];
  word: [x: number, y: number];
  loops: [x: number, y: number][];
}
export interface Drawing {
  node: Element;
  show(numbers: Numbers, here: Here): void;
}

export const cellDrawings = (page: Page) => {
  const WIDE = 304;
  const [CHIP, TALL] = [42, 24];
  const word = (t: number) => visible(page.reading.tokens[t]);
  // --- folded: chips hold a number, nodes do something with it, wires lead from one to the next ----------------------

  const RAIL = "W x + U h′ + b";
  const PLANS: Record<CellKind, Plan> = {
    lstm: {
      tall: 234,
      chips: [
        ["before", "c′", 23, 44],
        ["cell", "c", 281, 44],
        ["forget", "f", 84, 124],
        ["input", "i", 136, 124],
        ["candidate", "g", 188, 124],
        ["output", "o", 238, 124],
        ["state", "h′", 23, 172],
        ["hidden", "h", 281, 172],
      ],
      nodes: [
        ["forget", "×", 84, 44],
        ["cell", "+", 162, 44],
        ["candidate", "×", 162, 88],
        ["hidden", "tanh", 281, 84],
        ["hidden", "×", 281, 124],
      ],
      wires: [
        ["before", "M44 44H75", true, "memory"],
        ["forget", "M93 44H153", true, "memory"],
        ["cell", "M171 44H260", true, "memory"],
        ["forget", "M84 112V53", true],
        ["input", "M136 112V88H153", true],
        ["candidate", "M188 112V88H171", true],
        ["candidate", "M162 79V53", true],
        ["hidden", "M281 56V75", true],
        ["hidden", "M281 93V115", true],
        ["output", "M259 124H272", true],
        ["hidden", "M281 133V160", true],
        ["rail", "M44 172H238V136", true],
        ["rail", "M84 172V136", true],
        ["rail", "M136 172V136", true],
        ["rail", "M188 172V136", true],
        ["rail", "M162 198V172"],
        ["loop", "M281 32V10H23V32", true],
        ["loop", "M281 184V226H23V184", true],
      ],
      notes: [
        ["kept", 122, 36],
        ["added", 192, 70],
      ],
      marks: [
        [RAIL, 103, 186],
        ["x", 174, 196],
      ],
      word: [162, 209],
      loops: [
        [152, 10],
        [152, 226],
      ],
    },
    gru: {
      tall: 222,
      chips: [
        ["before", "h′", 23, 44],
        ["hidden", "h", 281, 44],
        ["update", "z", 84, 96],
        ["reset", "r", 128, 148],
        ["candidate", "n", 208, 148],
      ],
      nodes: [
        ["update", "×", 84, 44],
        ["hidden", "+", 208, 44],
        ["candidate", "×", 208, 96],
      ],
      wires: [
        ["before", "M44 44H75", true, "memory"],
        ["update", "M93 44H199", true, "memory"],
        ["hidden", "M217 44H260", true, "memory"],
        ["update", "M84 84V53", true],
        ["update", "M105 96H199", true],
        ["candidate", "M208 136V105", true],
        ["candidate", "M208 87V53", true],
        ["reset", "M149 148H187", true],
        ["rail", "M23 56V192H208V160", true],
        ["rail", "M76 192V108", true],
        ["rail", "M128 192V160", true],
        ["rail", "M162 206V192"],
        ["loop", "M281 32V10H23V32", true],
      ],
      notes: [
        ["kept", 146, 36],
        ["rest", 152, 85],
        ["added", 236, 72],
      ],
      marks: [
        [RAIL, 66, 206],
        ["x", 174, 204],
      ],
      word: [162, 218],
      loops: [[152, 10]],
    },
    rnn: {
      tall: 126,
      chips: [
        ["before", "h′", 23, 44],
        ["hidden", "h", 281, 44],
      ],
      nodes: [
        ["hidden", "+", 132, 44],
        ["hidden", "tanh", 206, 44],
      ],
      wires: [
        ["before", "M44 44H123", true, "memory"],
        ["hidden", "M141 44H188", true, "memory"],
        ["hidden", "M224 44H260", true, "memory"],
        ["rail", "M132 96V53", true],
        ["loop", "M281 32V10H23V32", true],
      ],
      notes: [],
      marks: [
        ["U h′", 84, 36],
        ["W x", 150, 76],
        ["+ b", 163, 36],
      ],
      word: [132, 110],
      loops: [[152, 10]],
    },
  };

  const arrowAt = (path: string, thick: boolean) => {
    const [, before, axis, end] = path.match(/^(.*?)([HV])(-?[\d.]+)$/) ?? [];
    const numbers = before?.match(/[A-Z]-?[\d.]+( -?[\d.]+)?/g) ?? [];
    const at = { x: 0, y: 0 };
    for (const one of numbers) {
      const [x, y] = one.slice(1).split(" ").map(Number);
      if (one[0] === "M") Object.assign(at, { x, y });
      else at[one[0] === "H" ? "x" : "y"] = x;
    }
    const to = { ...at, [axis === "H" ? "x" : "y"]: Number(end) };
    const turn = axis === "H" ? (to.x > at.x ? 0 : 180) : to.y > at.y ? 90 : 270;
    return svgMake("path", {
      class: "rv-arrow",
      d: thick ? "M1 0L-11 -6V6Z" : "M0 0L-7 -3.5V3.5Z",
      transform: `translate(${to.x} ${to.y}) rotate(${turn})`,
    });
  };

  const folded = (): Drawing => {
    const plan = PLANS[page.reading.cell];
    const chips = new Map<string, { rect: SVGElement; number: SVGElement }>();
    const notes = new Map<string, SVGElement>();
    const group = (key: string, ...inside: (SVGElement | null)[]) =>
      svgMake("g", { class: "rv-part", "data-part": key }, ...inside);
    const text = (name: string, x: number, y: number, kind: string) => svgMake("text", { x, y, class: kind }, name);
    const wires = plan.wires.map(([key, d, arrow, kind]) =>
      group(
        key,
        svgMake("path", { class: `rv-wire rv-${kind ?? key}`, d }),
        arrow ? arrowAt(d, kind === "memory") : null,
      ),
    );
    const nodes = plan.nodes.map(([key, sign, x, y]) => {
      const name = sign === "tanh" ? (page.reading.nonlinearity ?? "tanh") : sign;
      const shape =
        sign === "tanh"
          ? svgMake("rect", { x: x - 18, y: y - 9, width: 36, height: 18, rx: 9 })
          : svgMake("circle", { cx: x, cy: y, r: 9 });
      return group(key, shape, text(name, x, y + 0.5, sign === "tanh" ? "rv-small" : "rv-sign"));
    });
    const boxes = plan.chips.map(([key, symbol, x, y]) => {
      const rect = svgMake("rect", {
        class: "rv-chip-box",
        x: x - CHIP / 2,
        y: y - TALL / 2,
        width: CHIP,
        height: TALL,
        rx: 6,
      });
      const number = text("", x, y + 0.5, "rv-number");
      chips.set(key, { rect, number });
      return group(key, rect, number, text(symbol, x - 14, y - 21, "rv-symbol"));
    });
    const sums = plan.notes.map(([key, x, y]) => {
      const note = text("", x, y, "rv-note");
      notes.set(key, note);
      return note;
    });
    const marks = plan.marks.map(([name, x, y]) => text(name, x, y, "rv-small"));
    const read = text("", plan.word[0], plan.word[1], "rv-read-word");
    const loops = plan.loops.map(([x, y]) => text(page.say("loop"), x, y, "rv-loop-name"));
    const svg = svgMake(
      "svg",
      { class: "rv-folded", viewBox: `0 0 ${WIDE} ${plan.tall}`, "aria-hidden": "true" },
      ...wires,
      ...nodes,
      ...boxes,
      ...sums,
      ...marks,
      read,
      ...loops,
    );

    const fillChip = (key: string, value: number | null) => {
      const { reading } = page;
      const chip = chips.get(key);
      const signal = reading.find(key) ?? reading.signal(key === "state" ? "hidden" : reading.memory);
      const colour = value === null ? null : colourOf(value, signal.low, signal.high);
      chip?.rect.style.setProperty("fill", colour ? css(colour) : "var(--rv-soft)");
      chip?.number.style.setProperty("fill", colour ? inkOn(colour) : "var(--rv-muted)");
      if (chip) tell(chip.number, value === null ? "?" : page.signed(value));
    };
    const noteOf = (key: string, value: number) => {
      const sign = key === "rest" ? "1 − z = " : key === "added" && value > -0.005 ? "+" : "";
      return sign + page.signed(value);
    };
    const show = ({ at, ...others }: Numbers, here: Here) => {
      const shown: Record<string, unknown> = { ...others, ...at };
      const numberOf = (key: string) => (typeof shown[key] === "number" ? shown[key] : null);
      for (const key of chips.keys()) fillChip(key, numberOf(key));
      for (const [key, note] of notes) {
        const value = numberOf(key);
        tell(note, value === null ? "" : noteOf(key, value));
      }
      read.textContent = page.say("quoted", { word: cutTo(word(here.token), 16) });
    };
    return { node: svg, show };
  };

  // --- unrolled: the same cell small at the previous, this and the next word, state passed along between them --------

  const unrolled = (): Drawing => {
    const gaps = [0, 1, 2, 3].map(() => make("div", { class: "rv-passed" }));
    const cells = [0, 1, 2].map((place) => {
      const cell = make("button", { type: "button", class: "rv-small-cell" });
      const name = make("bdi");
      cell.append(
        make(
          "span",
          { class: "rv-weights", "aria-hidden": "true" },
          make("b", {}, "W"),
          make("b", {}, "U"),
          make("b", {}, "b"),
        ),
        make("span", { class: "rv-up", "aria-hidden": "true" }, "↑"),
        name,
      );
      cell.addEventListener("click", () => {
        const { token, unit, layer, direction } = page.here();
        page.select({ token: token + place - 1, unit, layer, direction });
      });
      return { cell, name };
    });
    const row = make("div", { class: "rv-unrolled" });
    for (const [n, gap] of gaps.entries()) row.append(gap, ...(cells[n] ? [cells[n].cell] : []));
    const caption = make("p", { class: "rv-caption" }, page.say("same_weights"));

    // What is carried over the gap after word t: a number for each of the signals that a cell carries.
    const carried = (t: number | null | undefined, here: Here) => {
      const { reading } = page;
      const names = reading.cell === "lstm" ? ["cell", "hidden"] : ["hidden"];
      const value = (signal: ReadSignal) =>
        t === null || t === undefined ? 0 : reading.value(signal, t, here.unit, here.layer, here.direction);
      return names.map((name) => {
        const signal = reading.signal(name);
        const chip = make("span", { class: "rv-carried" });
        if (t === undefined) return chip;
        const colour = colourOf(value(signal), signal.low, signal.high);
        chip.textContent = page.signed(value(signal));
        chip.title = signal.symbol;
        chip.style.background = css(colour);
        chip.style.color = inkOn(colour);
        return make(
          "span",
          { class: "rv-carry" },
          make("i", {}, signal.symbol),
          chip,
          make("span", { class: "rv-along", "aria-hidden": "true" }, here.direction === 0 ? "⟶" : "⟵"),
        );
      });
    };
    const show = (_: Numbers, here: Here) => {
      const { reading } = page;
      const inside = (t: number) => t >= 0 && t < reading.tokens.length;
      cells.forEach(({ cell, name }, place) => {
        const t = here.token + place - 1;
        cell.style.visibility = inside(t) ? "" : "hidden";
        if (!inside(t)) return;
        name.textContent = word(t);
        cell.classList.toggle("rv-at", place === 1);
        cell.setAttribute("aria-label", page.say("small_cell", { word: page.token(t) }));
      });
      gaps.forEach((gap, place) => {
        const left = here.token + place - 2; // the gap lies between this word and the one after it
        const from = here.direction === 0 ? left : left + 1;
        const reads = here.direction === 0 ? left + 1 : left;
        const shown = inside(from) || (inside(reads) && reading.earlier(reads, here.direction) === null);
        gap.replaceChildren(...(shown ? carried(inside(from) ? from : null, here) : []));
      });
    };
    return { node: make("div", {}, row, caption), show };
  };
  return { folded, unrolled };
};
