// What a network that reads both ways would answer had the text ended at each word: it reads every beginning anew.
//
// All beginnings go through a layer together, word by word, so that each product is one of two matrices. Beginning n is
// row n − 1; at word t those from row t on have it. What the first layer makes forward is the same in all of them and is
// taken from the whole reading. What a lower layer makes is kept by word: first all rows that have word 0, and so on.

import { type Held, stateOf, stepOf } from "./cells";
import type { Checkpoint } from "./checkpoint";
import type { Layer } from "./layers";
import { endOf, type Pool, poolOf, take } from "./pooling";
import type { Holds, Walked } from "./walk";

/** What one direction of a layer gave: the same for all beginnings [token, unit], or each its own, kept by word. */
type Output = { shared: Float64Array } | { own: Float64Array };

/** The pooled states of the first `count` beginnings of a text that was walked; row n − 1 has n words. */
export const poolPrefixes = (checkpoint: Checkpoint, walked: Walked, count: number, holds: Holds = []): Pool => {
  const pool = poolOf(count, checkpoint.config);
  let below: readonly Output[] = [];
  for (const [index, layer] of checkpoint.layers.entries()) {
    const inputs = below;
    below = layer.map((_, direction) => {
      const held = holds[index * layer.length + direction] ?? [];
      return outputOf(checkpoint, walked, { index, direction, inputs, held, count }, pool);
    });
  }
  return pool;
};

interface Place {
  index: number;
  direction: number;
  /** What the layer below gave; nothing below the first. */
  inputs: readonly Output[];
  held: readonly (Held | null)[];
  count: number;
}

/** What one layer gives in one direction; that of the top layer goes into the pool. */
const outputOf = (checkpoint: Checkpoint, walked: Walked, place: Place, pool: Pool): Output => {
  const { index, direction, inputs, count } = place;
  const { config, layers } = checkpoint;
  const [first, top] = [index === 0, index === layers.length - 1];
  if (first && direction === 0) {
    const shared = walked.hidden[0][0];
    if (top) takeShared(pool, shared, count);
    return { shared };
  }
  const layer = layers[index][direction];
  const base = first ? walked.projected[0][direction] : baseOf(checkpoint, layer, inputs, count);
  const own = new Float64Array(top ? 0 : (count * (count + 1) * config.hidden_size) / 2);
  together(checkpoint, { ...place, layer, base }, top ? pool : own);
  return { own };
};

const takeShared = (pool: Pool, shared: Float64Array, count: number): void => {
  const units = pool.config.hidden_size;
  for (let row = 0; row < count; row += 1) {
    for (let t = 0; t <= row; t += 1) take(pool, row, 0, t === row, shared, t * units);
  }
};

/** What is the same for all beginnings of W x + b: [token, gate]. */
const baseOf = (
  { config, addProduct }: Checkpoint,
  layer: Layer,
  below: readonly Output[],
  count: number,
): Float64Array => {
  const units = config.hidden_size;
  const stride = layer.bias.length;
  const base = new Float64Array(count * stride);
  for (let t = 0; t < count; t += 1) base.set(layer.bias, t * stride);
  for (const [direction, output] of below.entries()) {
    if ("shared" in output) addProduct(layer.inputs[direction], output.shared, 0, units, count, base, 0);
  }
  return base;
};

interface Passage extends Place {
  layer: Layer;
  /** What all beginnings have of W x + b: [token, gate]. */
  base: Float64Array;
}

/** All beginnings through one layer in one direction; the hidden states go into the pool, or are kept by word. */
const together = (checkpoint: Checkpoint, passage: Passage, to: Pool | Float64Array): void => {
  const { config } = checkpoint;
  const { layer, index, direction, held, count } = passage;
  const units = config.hidden_size;
  const stride = layer.bias.length;
  const step = stepOf(config);
  const state = stateOf(count, checkpoint, index * checkpoint.layers[0].length + direction);
  const [gates, product] = [new Float64Array(count * stride), new Float64Array(count * stride)];
  for (let k = 0; k < count; k += 1) {
    const t = direction === 1 ? count - 1 - k : k;
    const kept = (t * count - (t * (t - 1)) / 2) * units;
    multiply(checkpoint, passage, t, kept, state.hidden, gates, product);
    for (let row = t; row < count; row += 1) {
      const at = (row - t) * stride;
      step(units, gates, at, product, at, state, row * units, held[t] ?? null);
    }
    if (to instanceof Float64Array) to.set(state.hidden.subarray(t * units, count * units), kept);
    else takeStep(to, direction, t, count, state.hidden);
  }
};

/** W x + b and U h' + b' of all beginnings that have word t; `kept` is where its numbers begin in what is kept. */
const multiply = (
  { config, addProduct }: Checkpoint,
  { layer, base, inputs, count }: Passage,
  t: number,
  kept: number,
  hidden: Float64Array,
  gates: Float64Array,
  product: Float64Array,
): void => {
  const units = config.hidden_size;
  const stride = layer.bias.length;
  const rows = count - t;
  for (let row = 0; row < rows; row += 1) {
    gates.set(base.subarray(t * stride, (t + 1) * stride), row * stride);
    product.set(layer.hiddenBias, row * stride);
  }
  for (const [from, output] of inputs.entries()) {
    if ("own" in output) addProduct(layer.inputs[from], output.own, kept, units, rows, gates, 0);
  }
  addProduct(layer.hidden, hidden, t * units, units, rows, product, 0);
};

const takeStep = (pool: Pool, direction: number, t: number, count: number, hidden: Float64Array): void => {
  const units = pool.config.hidden_size;
  for (let row = t; row < count; row += 1) {
    take(pool, row, direction, t === endOf(pool.config, direction, row + 1), hidden, row * units);
  }
};
