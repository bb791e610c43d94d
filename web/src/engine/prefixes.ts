// What a network that reads both ways would answer had the text ended at each word: it reads every beginning anew.
//
// All beginnings go through a layer together, word by word, so that each product is one of two matrices. What the first
// layer makes forward is the same in all of them and is taken from the whole reading. What a lower layer makes is kept by
// word: first all beginnings that have word 0, and so on.

import { type Held, type State, stateOf } from "./cells";
import type { Checkpoint } from "./checkpoint";
import { MORE_ROWS } from "./kernel";
import type { Layer } from "./layers";
import type { Numbers } from "./matrix";
import { lowestRead } from "./network";
import { endOf, type Pool, poolOf, take } from "./pooling";
import type { Holds, Walked } from "./walk";

/** The beginnings of more than `from` words, up to `to`; the shortest has row 0. */
interface Range {
  from: number;
  to: number;
}

/** What one direction of a layer gave: the same for all beginnings [token, unit], or each its own, kept by word. */
type Output = { shared: Float64Array } | { own: Numbers };

/** The pooled states of some beginnings of a text that was walked. */
export const poolPrefixes = (checkpoint: Checkpoint, walked: Walked, range: Range, holds: Holds = []): Pool => {
  const count = range.to - range.from;
  const pool = poolOf(count, checkpoint.config);
  if (!count) return pool;
  const room = roomFor(checkpoint, range, count);
  let below: readonly Output[] = [];
  for (const [index, layer] of checkpoint.layers.entries()) {
    const inputs = below;
    below = layer.map((_, direction) => {
      const held = holds[index * layer.length + direction] ?? [];
      return outputOf({ checkpoint, walked, room, inputs, held, index, direction }, pool);
    });
  }
  return pool;
};

interface Room extends Range {
  /** By word, the first row that has it. */
  first: readonly number[];
  /** By word, the row at which its states begin among those that are kept; at the end, how many rows these are. */
  kept: readonly number[];
  state: State;
  gates: Numbers;
  /** Of a GRU, U h + b'; else the gates. */
  sums: Numbers;
  /** What all beginnings have of W x + b: [token, gate]. */
  base: Numbers;
  /** What all beginnings have of the layer below: [token, unit]. */
  shared: Numbers;
  /** By layer and direction; nothing of the top layer. */
  own: readonly (readonly Numbers[])[];
}

const roomFor = ({ config, kernel, layers }: Checkpoint, { from, to }: Range, count: number): Room => {
  const [units, stride] = [config.hidden_size, layers[0][0].bias.length];
  const first = Array.from({ length: to }, (_, t) => Math.max(0, t - from));
  const kept = [0];
  for (const row of first) kept.push(kept[kept.length - 1] + count - row);
  const lower = layers.slice(0, -1);
  const rows = 2 * (count + MORE_ROWS) + to + MORE_ROWS;
  kernel.clear(rows * (units + stride) + 2 * lower.length * (kept[to] + MORE_ROWS) * units, "floats");
  const gates = kernel.rows(count, stride);
  return {
    from,
    to,
    first,
    kept,
    state: { hidden: kernel.rows(count, units), cell: kernel.rows(count, units) },
    gates,
    sums: config.cell === "gru" ? kernel.rows(count, stride) : gates,
    base: kernel.rows(to, stride),
    shared: kernel.rows(to, units),
    own: lower.map((layer) => layer.map(() => kernel.rows(kept[to], units))),
  };
};

/** One layer in one direction. */
interface Place {
  checkpoint: Checkpoint;
  walked: Walked;
  room: Room;
  /** What the layer below gave; nothing below the first. */
  inputs: readonly Output[];
  held: readonly (Held | null)[];
  index: number;
  direction: number;
}

/** What one layer gives in one direction; that of a layer that is pooled goes into the pool. */
const outputOf = (place: Place, pool: Pool): Output => {
  const { checkpoint, walked, room, index, direction } = place;
  const top = index === checkpoint.layers.length - 1;
  const pooled = index >= lowestRead(checkpoint.config);
  if (index === 0 && direction === 0) {
    const shared = walked.hidden[0][0];
    if (pooled) takeShared(pool, index, shared, room);
    return { shared };
  }
  const layer = checkpoint.layers[index][direction];
  const own = top ? room.state.hidden : room.own[index][direction];
  if (index === 0) room.base.set(walked.projected[0][direction].subarray(0, room.to * layer.bias.length));
  else findBase(place, layer);
  together(place, layer, top ? null : own, pooled ? pool : null);
  return { own };
};

const takeShared = (pool: Pool, layer: number, shared: Float64Array, { first, from, to }: Room): void => {
  const units = pool.config.hidden_size;
  for (let t = 0; t < to; t += 1) {
    for (let row = first[t]; row < to - from; row += 1) take(pool, row, layer, 0, t === from + row, shared, t * units);
  }
};

const findBase = ({ checkpoint, room, inputs }: Place, layer: Layer): void => {
  const { base, shared, to } = room;
  base.set(layer.bias);
  repeat(base, layer.bias.length, to);
  for (const [direction, output] of inputs.entries()) {
    if (!("shared" in output)) continue;
    shared.set(output.shared.subarray(0, to * checkpoint.config.hidden_size));
    checkpoint.kernel.addProduct(layer.inputs[direction], shared, 0, to, base, 0);
  }
};

/** Copy the first row to all others. */
const repeat = (rows: Numbers, width: number, count: number): void => {
  for (let done = width; done < count * width; done *= 2) {
    rows.copyWithin(done, 0, Math.min(done, count * width - done));
  }
};

/** Every beginning starts from the same state. */
const begin = ({ checkpoint, room: { state }, index, direction }: Place, count: number): void => {
  const start = stateOf(1, checkpoint, index * checkpoint.layers[0].length + direction);
  const units = checkpoint.config.hidden_size;
  state.cell.fill(0);
  for (const [rows, row] of [
    [state.hidden, start.hidden],
    [state.cell, start.cell],
  ]) {
    rows.set(row);
    if (row.length) repeat(rows, units, count);
  }
};

/** All beginnings through one layer in one direction; the hidden states go into the pool, are kept by word, or both. */
const together = (place: Place, layer: Layer, own: Numbers | null, pool: Pool | null): void => {
  const { checkpoint, room, held, direction } = place;
  const { state, first, kept, gates, sums } = room;
  const { kernel, config } = checkpoint;
  const units = config.hidden_size;
  const stride = layer.bias.length;
  const count = room.to - room.from;
  begin(place, count);
  for (let k = 0; k < room.to; k += 1) {
    const t = direction === 1 ? room.to - 1 - k : k;
    multiply(place, layer, t);
    kernel.step(gates, sums, stride, state, first[t], count - first[t], held[t] ?? null);
    if (pool) takeStep(pool, place, t);
    own?.set(state.hidden.subarray(first[t] * units, count * units), kept[t] * units);
  }
};

/** W x + b and U h + b' of all beginnings that have word t. */
const multiply = ({ checkpoint, room, inputs }: Place, layer: Layer, t: number): void => {
  const { base, gates, sums, state, first, kept } = room;
  const { kernel, config } = checkpoint;
  const [units, stride] = [config.hidden_size, layer.bias.length];
  const rows = kept[t + 1] - kept[t];
  gates.set(base.subarray(t * stride, (t + 1) * stride));
  repeat(gates, stride, rows);
  if (sums !== gates) {
    sums.set(layer.hiddenBias);
    repeat(sums, stride, rows);
  }
  for (const [from, output] of inputs.entries()) {
    if ("own" in output) kernel.addProduct(layer.inputs[from], output.own, kept[t] * units, rows, gates, 0);
  }
  kernel.addProduct(layer.hidden, state.hidden, first[t] * units, rows, sums, 0);
};

const takeStep = (pool: Pool, { index, direction, room }: Place, t: number): void => {
  const { first, from, to, state } = room;
  const units = pool.config.hidden_size;
  for (let row = first[t]; row < to - from; row += 1) {
    const last = t === endOf(pool.config, direction, from + row + 1);
    take(pool, row, index, direction, last, state.hidden, row * units);
  }
};
