// What each kind of cell computes for every word and unit: the table of rnnviz/signals.py.

import type { ModelConfig } from "./network";

type Cell = ModelConfig["cell"];

export interface SignalKind {
  /** As in `Trace.signals`. */
  name: string;
  /** Its letter in the equations. */
  symbol: string;
  /** The range that its equation allows; infinite where it allows anything. */
  low: number;
  high: number;
  meaning: string;
}

const kind = (name: string, symbol: string, low: number, high: number, meaning: string): SignalKind => ({
  name,
  symbol,
  low,
  high,
  meaning,
});

const HIDDEN = kind("hidden", "h", -1, 1, "what the cell shows to the rest of the network");

/** The gates and the candidate come first, in the order in which PyTorch stacks them. */
export const SIGNALS: Readonly<Record<Cell, readonly SignalKind[]>> = {
  lstm: [
    kind("input", "i", 0, 1, "how much of the candidate is let into the memory"),
    kind("forget", "f", 0, 1, "how much of the old memory is kept"),
    kind("candidate", "g", -1, 1, "new content, proposed for the memory"),
    kind("output", "o", 0, 1, "how much of the memory is shown"),
    kind("cell", "c", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, "the memory itself"),
    HIDDEN,
  ],
  gru: [
    kind("reset", "r", 0, 1, "how much of the old state the candidate may see"),
    kind("update", "z", 0, 1, "how much of the old state is kept (1 keeps all)"),
    kind("candidate", "n", -1, 1, "new content, proposed for the state"),
    HIDDEN,
  ],
  rnn: [kind("hidden", "h", Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, "the state, rewritten at every token")],
};

/**
 * What a cell makes of W x + U h + b, in the order in which PyTorch stacks it: its gates and candidate; the state of a
 * plain RNN. The gates alone, which open and shut, are `gatesOf` of model/gateDots.ts.
 */
export const stackedOf = (cell: Cell): readonly SignalKind[] =>
  cell === "rnn" ? SIGNALS.rnn : SIGNALS[cell].filter(({ name }) => name !== "cell" && name !== "hidden");

/** The signal that carries the memory from word to word. */
export const memoryOf = (cell: Cell): "cell" | "hidden" => (cell === "lstm" ? "cell" : "hidden");

/**
 * The ends of the colour scale of a signal: its own range where it has one, else a symmetric one out to the next of 1,
 * 1.5, 2, 3, 4, 6, 8 … that `largest` lies within.
 */
export const limits = ({ low, high }: SignalKind, largest: number): [number, number] => {
  if (Number.isFinite(low) && Number.isFinite(high)) return [low, high];
  const reach = reachOf(Number.isFinite(largest) ? largest : 0);
  return [-reach, reach];
};

/** The first of 1, 1.5, 2, 3, 4, 6, 8 … that a size lies within. */
export const reachOf = (size: number): number => {
  let octave = 1;
  while (1.5 * octave < size) octave *= 2;
  return size <= octave ? octave : 1.5 * octave;
};
