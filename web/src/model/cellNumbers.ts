// What one unit does at one word, in numbers.

import { digitsFor } from "./numbers";
import type { Here } from "./place";
import type { Reading } from "./reading";

export interface Numbers {
  /** Whether this is the first word that the direction reads, and finds nothing in the memory. */
  first: boolean;
  /** Whether a plain RNN's state is held, so that no sum made it. */
  held: boolean;
  /** Every signal by its name. */
  at: Record<string, number>;
  /** What was in the memory, and what the cell showed, before; null where that is outside the window. */
  before: number | null;
  state: number | null;
  /** The share of the memory that is kept, how much that is, and what is added; null where there is no such thing. */
  keeper: number | null;
  kept: number | null;
  added: number | null;
  /** Of a GRU, the rest that the update gate leaves. */
  rest: number | null;
  /** With how many digits kept and added add up. */
  digits: number;
}

export const numbersAt = (reading: Reading, here: Here, held: boolean): Numbers => {
  const { token, unit, layer, direction } = here;
  const earlier = (name: string) => reading.before(reading.signal(name), token, unit, layer, direction) ?? null;
  const at = Object.fromEntries(
    reading.signals.map((signal) => [signal.name, reading.value(signal, token, unit, layer, direction)]),
  );
  const [before, state] = [earlier(reading.memory), earlier("hidden")];
  const parts = partsOf(reading.cell, at);
  const kept = before === null || parts.keeper === null ? null : parts.keeper * before;
  const adds = kept !== null && parts.added !== null;
  const digits = adds ? digitsFor([kept, parts.added ?? 0], at[reading.memory], 3) : 2;
  const empty = reading.earlier(token, direction) === null && before === 0 && state === 0;
  return { first: empty, held, at, before, state, kept, digits, ...parts };
};

/** What a kind of cell keeps and adds. */
const partsOf = (cell: Reading["cell"], at: Record<string, number>): Pick<Numbers, "keeper" | "rest" | "added"> => {
  if (cell === "lstm") return { keeper: at.forget, rest: null, added: at.input * at.candidate };
  if (cell === "rnn") return { keeper: null, rest: null, added: null };
  const rest = 1 - at.update;
  return { keeper: at.update, rest, added: rest * at.candidate };
};
