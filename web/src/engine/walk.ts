// One text through all layers, every signal kept.

import { type Held, type State, stateOf, stepOf } from "./cells";
import type { Checkpoint } from "./checkpoint";
import type { Layer } from "./layers";
import { SIGNALS, stackedOf } from "./signals";

/** What is held, by layer and direction, then by token; an empty list where nothing is. */
export type Holds = readonly (readonly (Held | null)[])[];

export interface Walked {
  /** [layer, direction, token, unit] of each signal. */
  signals: Map<string, Float32Array>;
  /** By layer and direction, W x + b of every token: [token, gate]. */
  projected: Float64Array[][];
  /** By layer and direction, the hidden states: [token, unit], in double precision. */
  hidden: Float64Array[][];
}

/** Read a text, given as ids. */
export const walk = (checkpoint: Checkpoint, ids: readonly number[], holds: Holds = []): Walked => {
  const { config, layers } = checkpoint;
  const directions = layers[0].length;
  const size = ids.length * config.hidden_size;
  const signals = new Map(
    SIGNALS[config.cell].map(({ name }) => [name, new Float32Array(layers.length * directions * size)] as const),
  );
  const walked: Walked = { signals, projected: [], hidden: [] };
  for (const [index, layer] of layers.entries()) {
    const below = walked.hidden[index - 1];
    const projected = layer.map((own, direction) =>
      below ? projection(checkpoint, own, below, ids.length) : checkpoint.words.projected(ids, direction),
    );
    walked.projected.push(projected);
    walked.hidden.push(
      layer.map((own, direction) => {
        const place = index * directions + direction;
        const record = new Map(
          [...signals].map(([name, all]) => [name, all.subarray(place * size, (place + 1) * size)]),
        );
        const state = stateOf(1, checkpoint, place);
        return alone(checkpoint, own, projected[direction], direction === 1, holds[place] ?? [], record, state);
      }),
    );
  }
  return walked;
};

/** W x + b for the hidden states of the layer below. */
const projection = (
  { config, kernel }: Checkpoint,
  layer: Layer,
  below: readonly Float64Array[],
  tokens: number,
): Float64Array => {
  const gates = layer.bias.length;
  const size = tokens * config.hidden_size;
  kernel.clear(tokens * gates + size, "doubles");
  const projected = kernel.doubles(tokens * gates);
  const input = kernel.doubles(size);
  for (let t = 0; t < tokens; t += 1) projected.set(layer.bias, t * gates);
  for (const [direction, hidden] of below.entries()) {
    input.set(hidden);
    kernel.addProduct(layer.inputs[direction], input, 0, tokens, projected, 0);
  }
  return projected.slice();
};

/** One layer in one direction, by itself; what it computes goes into `record` [token, unit]. */
const alone = (
  { config, kernel }: Checkpoint,
  layer: Layer,
  projected: Float64Array,
  backward: boolean,
  holds: readonly (Held | null)[],
  record: ReadonlyMap<string, Float32Array>,
  start: State,
): Float64Array => {
  const units = config.hidden_size;
  const stride = layer.bias.length;
  const tokens = projected.length / stride;
  const step = stepOf(config);
  kernel.clear(2 * stride + 2 * units, "doubles");
  const state = { hidden: kernel.doubles(units), cell: kernel.doubles(units) };
  state.hidden.set(start.hidden);
  state.cell.set(start.cell);
  const gates = kernel.doubles(stride);
  const sums = config.cell === "gru" ? kernel.doubles(stride) : gates;
  const hidden = new Float64Array(tokens * units);
  const made = stackedOf(config.cell).map(({ name }) => record.get(name));
  const parts = made.map((_, gate) => gates.subarray(gate * units, (gate + 1) * units));
  const cell = record.get("cell");
  const shown = record.get("hidden");
  for (let k = 0; k < tokens; k += 1) {
    const t = backward ? tokens - 1 - k : k;
    gates.set(projected.subarray(t * stride, (t + 1) * stride));
    if (sums !== gates) sums.set(layer.hiddenBias);
    kernel.addProduct(layer.hidden, state.hidden, 0, 1, sums, 0);
    step(units, gates, sums, 0, state, 0, holds[t] ?? null);
    for (let gate = 0; gate < made.length; gate += 1) made[gate]?.set(parts[gate], t * units);
    cell?.set(state.cell, t * units);
    shown?.set(state.hidden, t * units);
    hidden.set(state.hidden, t * units);
  }
  return hidden;
};
