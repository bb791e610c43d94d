// What a network that reads both ways would answer had the text ended at each word: it reads every beginning anew.
//
// All beginnings go through a layer together, word by word, so that each product is one of two matrices. Beginning n is
// row n − 1; at word t those from row t on have it. What the first layer makes forward is the same in all of them and is
// taken from the whole reading. What a lower layer makes is kept by word: first all rows that have word 0, and so on.

import { type Held, stateOf, stepOf } from "./cells";
import type { Checkpoint } from "./checkpoint";
import type { Layer } from "./layers";
import { type Pool, poolOf, take } from "./pooling";
import type { Holds, Walked } from "./walk";

/** What one direction of a layer gave: the same for all beginnings [token, unit], or each its own, kept by word. */
type Output = { shared: Float64Array } | { own: Float64Array };

/** The pooled states of the first `count` beginnings of a text that was walked; row n − 1 has n words. */
export const poolPrefixes = (checkpoint: Checkpoint, walked: Walked, count: number, holds: Holds = []): Pool => {
  const { config, layers } = checkpoint;
  const pool = poolOf(count, config);
  let below: Output[] = [];
  for (const [index, layer] of layers.entries()) {
    const top = index === layers.length - 1;
    const size = top ? 0 : (count * (count + 1) * config.hidden_size) / 2;
    below = layer.map((own, direction): Output => {
      const shared = index === 0 && direction === 0 ? walked.hidden[0][0] : undefined;
      if (shared) {
        if (top) takeShared(pool, shared, count);
        return { shared };
      }
      const held = holds[index * layer.length + direction] ?? [];
      const base = index === 0 ? walked.projected[0][direction] : baseOf(checkpoint, own, below, count);
      const output = { own: new Float64Array(size) };
      together(checkpoint, { layer: own, direction, base, below, held, count }, top ? pool : output.own);
      return output;
    });
  }
  return pool;
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

interface Passage {
  layer: Layer;
  direction: number;
  base: Float64Array;
  below: readonly Output[];
  held: readonly (Held | null)[];
  count: number;
}

/** All beginnings through one layer in one direction; the hidden states go into the pool, or are kept by word. */
const together = (
  { config, addProduct }: Checkpoint,
  { layer, direction, base, below, held, count }: Passage,
  to: Pool | Float64Array,
): void => {
  const units = config.hidden_size;
  const stride = layer.bias.length;
  const step = stepOf(config);
  const state = stateOf(count, config);
  const [gates, product] = [new Float64Array(count * stride), new Float64Array(count * stride)];
  for (let k = 0; k < count; k += 1) {
    const t = direction === 1 ? count - 1 - k : k;
    const rows = count - t;
    const kept = (t * count - (t * (t - 1)) / 2) * units;
    for (let row = 0; row < rows; row += 1) {
      gates.set(base.subarray(t * stride, (t + 1) * stride), row * stride);
      product.set(layer.hiddenBias, row * stride);
    }
    for (const [from, output] of below.entries()) {
      if ("own" in output) addProduct(layer.inputs[from], output.own, kept, units, rows, gates, 0);
    }
    addProduct(layer.hidden, state.hidden, t * units, units, rows, product, 0);
    for (let row = 0; row < rows; row += 1) {
      step(units, gates, row * stride, product, row * stride, state, (t + row) * units, held[t] ?? null);
    }
    if (to instanceof Float64Array) to.set(state.hidden.subarray(t * units, count * units), kept);
    else takeStep(to, direction, t, count, state.hidden);
  }
};

const takeStep = (pool: Pool, direction: number, t: number, count: number, hidden: Float64Array): void => {
  const units = pool.config.hidden_size;
  for (let row = t; row < count; row += 1) {
    take(pool, row, direction, direction === 1 ? t === 0 : t === row, hidden, row * units);
  }
};
