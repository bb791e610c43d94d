// The record of one reading, as rnnviz/trace.py has it. Numbers lie in row-major order.

import type { ModelConfig } from "./network";
import type { Tokens } from "./tokens";

/** The head as a linear function: logits = weight · pooled + bias. */
export interface Readout {
  /** [label, feature] */
  weight: Float32Array;
  /** [label] */
  bias: Float32Array;
  pooling: ModelConfig["pooling"];
  /** Whether the head is this function; else it is so for this reading alone. */
  linear: boolean;
}

export interface Trace {
  cell: ModelConfig["cell"];
  /** The text as the network saw it, padding included where it was read padded. */
  tokens: string[];
  /** What the tokens are. */
  reads: Tokens;
  /** Which tokens were read as the unknown word. */
  unknown: boolean[];
  labels: readonly string[];
  layers: number;
  directions: number;
  units: number;
  /** Every signal of the cell by name: [layer, direction, token, unit], tokens in reading order in both directions. */
  signals: ReadonlyMap<string, Float32Array>;
  /** [token, label]: the probability of each class had the text ended there. */
  verdicts: Float32Array;
  /** [token, feature]: what the first layer read. */
  inputs: Float32Array;
  readout: Readout;
  /** [layer, direction, unit]: the hidden and cell states before the first word, where they were learned. */
  starts: ReadonlyMap<string, Float32Array>;
}

/** One signal of one layer and direction: [token, unit]. */
export const select = (trace: Trace, name: string, layer: number, direction: number): Float32Array => {
  const values = trace.signals.get(name);
  if (!values) throw new Error(`no signal ${name}`);
  const size = trace.tokens.length * trace.units;
  const from = (layer * trace.directions + direction) * size;
  return values.subarray(from, from + size);
};

/** A state of one layer and direction before the first word: zeros, or what was learned. */
export const beforeFirst = (trace: Trace, name: string, layer: number, direction: number): Float32Array => {
  const from = (layer * trace.directions + direction) * trace.units;
  return trace.starts.get(name)?.subarray(from, from + trace.units) ?? new Float32Array(trace.units);
};

/** The probabilities after one token. */
export const verdictAt = (trace: Trace, token: number): Float32Array =>
  trace.verdicts.subarray(token * trace.labels.length, (token + 1) * trace.labels.length);

/** The first place of the largest number. */
export const argmax = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let at = 1; at < values.length; at += 1) if (values[at] > values[most]) most = at;
  return most;
};
