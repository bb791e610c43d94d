// Where each part of a folded cell stands, for each kind of cell, in the units of its drawing.

import type { CellKind } from "../client/types";

/** A box that holds a number. */
export type Chip = [key: string, symbol: string, x: number, y: number];
/** What is done with numbers: a sum, a product or a squashing function. */
export type Operation = [key: string, sign: string, x: number, y: number];
export type Wire = [key: string, path: string, arrow?: boolean, kind?: "memory"];
/** A number on a wire. */
export type Note = [key: string, x: number, y: number];
/** A label that never changes. */
export type Label = [name: string, x: number, y: number];
/** The keys are those of the slow motion, which lights up all parts that have the same one. */
export interface CellPlan {
  height: number;
  chips: Chip[];
  operations: Operation[];
  wires: Wire[];
  notes: Note[];
  labels: Label[];
  /** Where the word stands that is read. */
  word: [x: number, y: number];
  /** Where the loops are named. */
  loops: [x: number, y: number][];
}

export const PLAN_WIDTH = 304;
const SUM = "W x + U h′ + b";

export const CELL_PLANS: Readonly<Record<CellKind, CellPlan>> = {
  lstm: {
    height: 234,
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
    operations: [
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
    labels: [
      [SUM, 103, 186],
      ["x", 174, 196],
    ],
    word: [162, 209],
    loops: [
      [152, 10],
      [152, 226],
    ],
  },
  gru: {
    height: 222,
    chips: [
      ["before", "h′", 23, 44],
      ["hidden", "h", 281, 44],
      ["update", "z", 84, 96],
      ["reset", "r", 128, 148],
      ["candidate", "n", 208, 148],
    ],
    operations: [
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
    labels: [
      [SUM, 66, 206],
      ["x", 174, 204],
    ],
    word: [162, 218],
    loops: [[152, 10]],
  },
  rnn: {
    height: 126,
    chips: [
      ["before", "h′", 23, 44],
      ["hidden", "h", 281, 44],
    ],
    operations: [
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
    labels: [
      ["U h′", 84, 36],
      ["W x", 150, 76],
      ["+ b", 163, 36],
    ],
    word: [132, 110],
    loops: [[152, 10]],
  },
};

/** Where a wire ends, and which way it runs there, in degrees: 0 to the right, 90 down. */
export const endOf = (path: string): { x: number; y: number; turn: number } => {
  let [x, y, turn] = [0, 0, 0];
  for (const [, command, first, second] of path.matchAll(/([MHV])(-?[\d.]+)(?: (-?[\d.]+))?/g)) {
    const to = Number(first);
    if (command === "M") [x, y] = [to, Number(second)];
    else if (command === "H") [x, turn] = [to, to > x ? 0 : 180];
    else [y, turn] = [to, to > y ? 90 : 270];
  }
  return { x, y, turn };
};
