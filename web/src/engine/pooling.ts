// From hidden states to an answer: pooled over the words, then the head, then shares of 1.

import { type Head, logits } from "./head";
import type { Numbers } from "./matrix";
import { blocksOf, lowestRead, type ModelConfig } from "./network";

/** Pooled states of some texts, one row each, while their words come in. */
export interface Pool {
  config: ModelConfig;
  /** Numbers of a row. */
  width: number;
  values: Float64Array;
}

export const poolOf = (texts: number, config: ModelConfig): Pool => {
  const block = config.hidden_size * (config.bidirectional ? 2 : 1);
  const width = block * blocksOf(config);
  const values = new Float64Array(texts * width);
  if (config.pooling.startsWith("max")) {
    for (let at = 0; at < values.length; at += width) values.fill(Number.NEGATIVE_INFINITY, at, at + block);
  }
  return { config, width, values };
};

/** At which of so many words a direction's state is the last one that is read. */
export const endOf = ({ pooling }: Pick<ModelConfig, "pooling">, direction: number, words: number): number =>
  direction === 1 && pooling !== "output-last" ? 0 : words - 1;

/** Among states side by side, the place of those of a layer and direction. */
const blockOf = (config: ModelConfig, layer: number, direction: number): number =>
  (layer - lowestRead(config)) * (config.bidirectional ? 2 : 1) + direction;

/** Take the hidden state of one word in a layer that is pooled into a row; `last` says whether it is at the end (`endOf`). */
export const take = (
  { config, width, values }: Pool,
  row: number,
  layer: number,
  direction: number,
  last: boolean,
  hidden: Numbers,
  from: number,
): void => {
  const units = config.hidden_size;
  const at = row * width + blockOf(config, layer, direction) * units;
  if (config.pooling.includes("last")) {
    if (last) for (let u = 0; u < units; u += 1) values[at + u] = hidden[from + u];
    return;
  }
  if (config.pooling.startsWith("max")) keepLargest(values, at, hidden, from, units);
  if (config.pooling === "max+mean") add(values, at + width / 2, hidden, from, units);
  if (config.pooling === "mean" || config.pooling === "sum") add(values, at, hidden, from, units);
};

/** Take one word of a text of so many into the first row, from every layer that is pooled. */
export const takeWord = (pool: Pool, hidden: readonly (readonly Numbers[])[], t: number, words: number): void => {
  const { config } = pool;
  for (let layer = lowestRead(config); layer < config.layers; layer += 1) {
    for (const [direction, states] of hidden[layer].entries()) {
      take(pool, 0, layer, direction, t === endOf(config, direction, words), states, t * config.hidden_size);
    }
  }
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
  pool: Pool,
  row: number,
  words: number,
  head: Head,
  verdicts: Float32Array,
  to: number,
): void => {
  const scores = logits(pooledOf(pool, row, words), head);
  const most = scores.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  const shares = scores.map((score) => Math.exp(score - most));
  const sum = shares.reduce((total, share) => total + share, 0);
  for (let label = 0; label < shares.length; label += 1) verdicts[to + label] = shares[label] / sum;
};

/** The pooled states of a row of so many words. */
export const pooledOf = ({ config, width, values }: Pool, row: number, words: number): Float64Array => {
  const pooled = values.slice(row * width, (row + 1) * width);
  const sums = config.pooling === "mean" ? 0 : config.pooling === "max+mean" ? width / 2 : width; // from here on
  for (let j = sums; j < width; j += 1) pooled[j] /= words;
  return pooled;
};
