// The arrays that PyTorch and Keras give for a reading: what they are called, their shapes, and their numbers as far as
// the page holds them.

import type { Known } from "../client/types";
import { counting } from "./numbers";
import { type Here, sameBlock, type Unit } from "./place";
import type { Reading } from "./reading";

/** How many steps of padding follow the text where there is padding. */
export const PADDING = 3;
/** A text has so many rows at most; of a longer one, its ends and the selected word. */
const MOST_ROWS = 16;

export type Library = "pytorch" | "keras";
/** Keras does not pack: it skips the padding by a mask. */
export type Batch = "alone" | "padded" | "packed";
export interface CodeChoice {
  library: Library;
  batchFirst: boolean;
  batch: Batch;
}

/** The indices of an axis that are shown, null where some are left out: the ends, and what is wanted. */
export const picked = (count: number, edge: number, wanted: readonly number[] = []): (number | null)[] => {
  const isShown = (n: number) => n < edge || n >= count - edge || wanted.includes(n);
  const isAlone = (n: number) => isShown(n - 1) && isShown(n + 1); // an ellipsis takes as much room as one
  const shown = counting(count).filter((n) => isShown(n) || isAlone(n));
  return shown.flatMap((n, at) => (at && shown[at - 1] !== n - 1 ? [null, n] : [n]));
};

/** A shape, and what each of its axes counts. */
export interface ArrayShape {
  name: string;
  sizes: (number | string)[];
  axes: ("samples" | "steps" | "features" | "units" | "both" | "ways")[];
}
export const written = (sizes: ArrayShape["sizes"]): string => `(${sizes.join(", ")})`;

/** What the arrays are called. */
export const namesOf = ({ library }: CodeChoice, cell: Reading["cell"]): { state: string; memory: string | null } => {
  const [state, memory] = library === "keras" ? ["h", "c"] : ["h_n", "c_n"];
  return { state, memory: cell === "lstm" ? memory : null };
};

/** How many steps the network is given. */
export const stepsOf = ({ read }: Pick<Reading, "read">, { batch }: CodeChoice): number =>
  batch === "alone" ? read : read + PADDING;

/** The shapes of the arrays; `E` stands for the features of a word where nobody knows how many there are. */
export const shapesOf = (reading: Reading, choice: CodeChoice, { embedding }: Known): ArrayShape[] => {
  const { layers, directions, units, cell } = reading;
  const { state, memory } = namesOf(choice, cell);
  const keras = choice.library === "keras";
  const steps = stepsOf(reading, choice);
  const first = keras || choice.batchFirst;
  const long = (name: string, size: number | string, axis: "features" | "units" | "both"): ArrayShape =>
    first
      ? { name, sizes: [1, steps, size], axes: ["samples", "steps", axis] }
      : { name, sizes: [steps, 1, size], axes: ["steps", "samples", axis] };
  const short = (name: string): ArrayShape =>
    keras
      ? { name, sizes: [1, units], axes: ["samples", "units"] }
      : { name, sizes: [layers * directions, 1, units], axes: ["ways", "samples", "units"] };
  return [
    long("x", embedding ?? "E", "features"),
    long("output", units * directions, directions > 1 ? "both" : "units"),
    short(state),
    ...(memory === null ? [] : [short(memory)]),
  ];
};

/** One number of an array. */
export interface CodeCell extends Unit {
  /** Undefined where the page does not hold it. */
  value: number | undefined;
  /** Its index along the last axis. */
  column: number;
  /** Whether this is where its direction ends: the same number stands in `output` and in `h_n`. */
  end: boolean;
  /** Whether it is that of the selected unit at the selected word, or at the end. */
  chosen: boolean;
}
export interface CodeRow {
  key: string;
  /** The word of the window; null for padding, and for a row of `h_n`. */
  token: number | null;
  /** Its index along the axis of steps, or of layers and directions. */
  at: number;
  cells: (CodeCell | null)[];
  chosen: boolean;
}
export interface CodeArray {
  columns: (number | null)[];
  rows: (CodeRow | null)[];
}

/** A reading, the same with padding where that is known, and what is chosen. */
export interface Shown {
  reading: Reading;
  padded: Reading | null;
  choice: CodeChoice;
  here: Here;
  /** The unit and the word of which the columns and rows are shown in any case. */
  kept: Here;
}

/** What a signal is at a step; undefined where the page does not hold it. */
const valueAt = ({ reading, padded, choice }: Shown, name: string, step: number, place: Unit) => {
  const { unit, layer, direction } = place;
  const { batch } = choice;
  if (batch === "packed" && step >= reading.read) return atMasked(reading, choice, place);
  const source = batch === "padded" ? padded : reading;
  const t = step - (source?.start ?? 0);
  if (!source || t < 0 || t >= source.tokens.length) return undefined;
  return source.value(source.signal(name), t, unit, layer, direction);
};
/** What stands in the place of padding that is not read: 0 in PyTorch, in Keras the last state where nothing is joined. */
const atMasked = (reading: Reading, { library }: CodeChoice, { unit, layer }: Unit) => {
  if (library === "pytorch" || reading.directions > 1) return 0;
  const last = reading.read - 1 - reading.start;
  return last < reading.tokens.length ? reading.value(reading.signal("hidden"), last, unit, layer, 0) : undefined;
};
/** The step after which a direction ends. */
export const endOf = ({ reading, choice }: Pick<Shown, "reading" | "choice">, direction: number): number => {
  if (direction === 1) return 0;
  return (choice.batch === "padded" ? stepsOf(reading, choice) : reading.read) - 1;
};

/** `output`: the hidden state of the top layer at each step, the directions side by side. */
export const outputOf = (shown: Shown): CodeArray => {
  const { reading, choice, here, kept } = shown;
  const { units, directions, start, read } = reading;
  const layer = reading.layers - 1;
  const edge = directions > 1 ? 2 : 3;
  const own = (direction: number) => (kept.layer === layer && kept.direction === direction ? [kept.unit] : []);
  const columns = counting(directions).flatMap((direction) => [
    ...(direction ? [null] : []),
    ...picked(units, edge, own(direction)).map((unit) => (unit === null ? null : unit + direction * units)),
  ]);
  const steps = stepsOf(reading, choice);
  const held = reading.tokens.length;
  const words = read > MOST_ROWS ? picked(held, 4, around(kept.token)) : counting(held);
  const filled = [...words.map((t) => (t === null ? null : t + start)), ...counting(steps - read).map((n) => n + read)];
  const row = (at: number): CodeRow => {
    const token = at < read ? at - start : null;
    const cells = columns.map((column) => (column === null ? null : cellOf(shown, at, column)));
    return { key: `step ${at}`, token, at, cells, chosen: token !== null && token === here.token };
  };
  return { columns, rows: filled.map((at) => (at === null ? null : row(at))) };
};
const around = (token: number): number[] => [token - 1, token, token + 1];

const cellOf = (shown: Shown, at: number, column: number): CodeCell => {
  const { reading, here } = shown;
  const direction = Math.floor(column / reading.units);
  const place = { unit: column % reading.units, layer: reading.layers - 1, direction };
  const chosen = sameUnit(place, here) && at === here.token + reading.start;
  const value = valueAt(shown, "hidden", at, place);
  return { ...place, value, column, end: at === endOf(shown, direction), chosen };
};
const sameUnit = (one: Unit, other: Unit): boolean => one.unit === other.unit && sameBlock(one, other);

/** `h_n` or `c_n`: each layer and direction where it ends. */
export const statesOf = (shown: Shown, name: "hidden" | "cell"): CodeArray => {
  const { reading, here, kept } = shown;
  const { layers, directions, units } = reading;
  const columns = picked(units, directions > 1 ? 2 : 3, [kept.unit]);
  const rows = counting(layers * directions).map((at): CodeRow => {
    const [layer, direction] = [Math.floor(at / directions), at % directions];
    const cells = columns.map((unit): CodeCell | null => {
      if (unit === null) return null;
      const place = { unit, layer, direction };
      const value = valueAt(shown, name, endOf(shown, direction), place);
      const end = name === "hidden" && layer === layers - 1;
      return { ...place, value, column: unit, end, chosen: sameUnit(place, here) };
    });
    return {
      key: `${name} ${at}`,
      token: null,
      at,
      cells,
      chosen: sameBlock({ layer, direction }, here),
    };
  });
  return { columns, rows };
};
