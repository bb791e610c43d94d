// The memory ledger's sums: what each word wrote into a unit, or gave to the score of a class, and how much is left.

import type { Contributions } from "../client/contract";
import { sum } from "./numbers";
import type { Unit } from "./place";
import type { Reading } from "./reading";

/** The scale of the bars reaches at least so far: next to nothing must not look like much. */
export const FINEST = 0.05;

/** What a word wrote, the share of it that is still there, and how much that is. Of a class, only the last is known. */
export interface Row {
  wrote?: number;
  share: number;
  left: number;
}
export interface Account {
  rows: Row[];
  total: number;
  scale: number;
  /** What words outside the window gave; null where all words are here. */
  elsewhere: number | null;
  /** What is there without any word: of a class, and of a unit whose first state was learned. */
  bias?: number;
}

/** What was written into a unit at each word, and how much of it is there at the word `seen`. */
export const accountOfUnit = (reading: Reading, { unit, layer, direction }: Unit, seen: number): Account => {
  const rows: Row[] = reading.tokens.map(() => ({ wrote: 0, share: 0, left: 0 }));
  const stepAt = (t: number) => reading.step(t, unit, layer, direction) ?? { written: 0, kept: 0 };
  let share = 1;
  let t: number | null | undefined = seen;
  while (t !== null && t !== undefined) {
    const { written, kept } = stepAt(t);
    rows[t] = { wrote: written, share, left: written * share };
    share *= kept;
    t = reading.earlier(t, direction);
  }
  const total = reading.value(reading.signal(reading.memory), seen, unit, layer, direction);
  // As large for every moment, so that the bars of two can be compared.
  const scale = Math.max(FINEST, ...rows.map((_, word) => Math.abs(stepAt(word).written)));
  const start = t === null ? share * reading.first(reading.memory, unit, layer, direction) : 0;
  const elsewhere = t === undefined ? total - sum(rows.map(({ left }) => left)) : null;
  return { rows, total, scale, elsewhere, ...(start ? { bias: start } : {}) };
};

/** What each word gave to the score of a class. */
export const accountOfClass = (contributions: Contributions, place: number, windowed: boolean): Account => {
  const rows = contributions.by_token.map((shares) => ({ share: 1, left: shares[place] }));
  const given = rows.map(({ left }) => left);
  const [elsewhere, bias] = [contributions.elsewhere[place], contributions.bias[place]];
  return {
    rows,
    total: sum(given) + elsewhere + bias,
    bias,
    scale: Math.max(FINEST, ...given.map(Math.abs)),
    elsewhere: windowed ? elsewhere : null,
  };
};

/** The word of which most is left. */
export const largest = ({ rows }: Account): number =>
  rows.reduce((best, { left }, t) => (Math.abs(left) > Math.abs(rows[best].left) ? t : best), 0);
