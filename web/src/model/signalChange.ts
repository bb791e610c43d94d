// What a signal does along the words: where it changes most, and how large it is on average.

import type { ReadSignal } from "../client/contract";
import { counting, sum } from "./numbers";
import type { Block, Here, Rows, Unit } from "./place";
import type { Reading } from "./reading";

export interface Change extends Here {
  before: number;
  after: number;
}

/** How a word changes a signal of a unit; null where it has no value before the word, or a window hides it. */
const changeAt = (reading: Reading, signal: ReadSignal, here: Here): Change | null => {
  const { token, unit, layer, direction } = here;
  // Memory begins somewhere, but a candidate does not begin at all.
  if (signal.name === "candidate" && reading.earlier(token, direction) === null) return null;
  const before = reading.before(signal, token, unit, layer, direction);
  return before === undefined ? null : { ...here, before, after: reading.value(signal, token, unit, layer, direction) };
};

const sizeOf = ({ before, after }: Change) => Math.abs(after - before);

/** Where a word changes the signal of a shown unit most; null where it changes none. */
export const largestChange = (reading: Reading, signal: ReadSignal, blocks: Rows[]): Change | null => {
  let most: Change | null = null;
  for (const { rows, layer, direction } of blocks) {
    for (const token of reading.tokens.keys()) {
      for (const unit of rows) {
        const change = changeAt(reading, signal, { token, unit, layer, direction });
        if (change && (!most || sizeOf(change) > sizeOf(most))) most = change;
      }
    }
  }
  return most;
};

/** All units of some layers and directions, also those whose rows are not shown. */
export const unitsOf = (reading: Reading, blocks: Block[]): Unit[] =>
  blocks.flatMap(({ layer, direction }) => counting(reading.units).map((unit) => ({ unit, layer, direction })));

/** The mean of a signal over some units, after each word. */
export const meansOf = ({ tokens, value }: Reading, signal: ReadSignal, units: Unit[]): number[] =>
  tokens.map(
    (_, t) => sum(units.map(({ unit, layer, direction }) => value(signal, t, unit, layer, direction))) / units.length,
  );
