// From hidden states to an answer: pooled over the words, then the linear layer, then shares of 1.

import type { Numbers } from "./matrix";
import type { ModelConfig } from "./network";
import type { Readout } from "./trace";

/** Pooled states of some texts, one row each, while their words come in. */
export interface Pool {
  config: ModelConfig;
  /** Numbers of a row. */
  width: number;
  values: Float64Array;
}

export const poolOf = (texts: number, config: ModelConfig): Pool => {
  const block = config.hidden_size * (config.bidirectional ? 2 : 1);
  const width = config.pooling === "max+mean" ? 2 * block : block;
  const values = new Float64Array(texts * width);
  if (config.pooling.startsWith("max")) {
    for (let at = 0; at < values.length; at += width) values.fill(Number.NEGATIVE_INFINITY, at, at + block);
  }
  return { config, width, values };
};

/** At which of so many words a direction's state is the last one that is read. */
export const endOf = ({ pooling }: Pick<ModelConfig, "pooling">, direction: number, words: number): number =>
  direction === 1 && pooling !== "output-last" ? 0 : words - 1;

/** Take the hidden state of one word into a row; `last` says whether it is at the end (`endOf`). */
export const take = (
  { config, width, values }: Pool,
  row: number,
  direction: number,
  last: boolean,
  hidden: Numbers,
  from: number,
): void => {
  const units = config.hidden_size;
  const at = row * width + direction * units;
  if (config.pooling.endsWith("last")) {
    if (last) for (let u = 0; u < units; u += 1) values[at + u] = hidden[from + u];
    return;
  }
  if (config.pooling.startsWith("max")) keepLargest(values, at, hidden, from, units);
  if (config.pooling === "max+mean") add(values, at + width / 2, hidden, from, units);
  if (config.pooling === "mean" || config.pooling === "sum") add(values, at, hidden, from, units);
};

/** What is not a number stays, as in PyTorch. */
const keepLargest = (values: Float64Array, at: number, hidden: Numbers, from: number, units: number): void => {
  for (let u = 0; u < units; u += 1) if (!(hidden[from + u] <= values[at + u])) values[at + u] = hidden[from + u];
};

const add = (values: Float64Array, at: number, hidden: Numbers, from: number, units: number): void => {
  for (let u = 0; u < units; u += 1) values[at + u] += hidden[from + u];
};

/** The probability of each class for a row of so many words, written to `verdicts` from `to` on. */
export const answer = (
  { config, width, values }: Pool,
  row: number,
  words: number,
  { weight, bias }: Readout,
  verdicts: Float32Array,
  to: number,
): void => {
  const scores = logits({ config, width, values }, row, words, { weight, bias });
  const most = scores.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  const shares = scores.map((score) => Math.exp(score - most));
  const sum = shares.reduce((total, share) => total + share, 0);
  for (let label = 0; label < shares.length; label += 1) verdicts[to + label] = shares[label] / sum;
};

/** What the linear layer makes of a row, one number a class. */
export const logits = (
  { config, width, values }: Pool,
  row: number,
  words: number,
  { weight, bias }: Pick<Readout, "weight" | "bias">,
): Float64Array => {
  const scores = Float64Array.from(bias);
  const sums = config.pooling === "mean" ? 0 : config.pooling === "max+mean" ? width / 2 : width; // from here on
  for (let label = 0; label < scores.length; label += 1) {
    let [pooled, summed] = [0, 0];
    for (let j = 0; j < sums; j += 1) pooled += weight[label * width + j] * values[row * width + j];
    for (let j = sums; j < width; j += 1) summed += weight[label * width + j] * values[row * width + j];
    scores[label] += pooled + summed / words;
  }
  return scores;
};
