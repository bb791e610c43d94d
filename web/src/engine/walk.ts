// One text through all layers, every signal kept.

import { type Held, type State, stateOf, stepOf } from "./cells";
import type { Checkpoint } from "./checkpoint";
import type { Layer } from "./layers";
import { addProduct } from "./matrix";
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
  { config, addProduct }: Checkpoint,
  layer: Layer,
  below: readonly Float64Array[],
  tokens: number,
): Float64Array => {
  const gates = layer.bias.length;
  const projected = new Float64Array(tokens * gates);
  for (let t = 0; t < tokens; t += 1) projected.set(layer.bias, t * gates);
  for (const [direction, hidden] of below.entries()) {
    addProduct(layer.inputs[direction], hidden, 0, config.hidden_size, tokens, projected, 0);
  }
  return projected;
};

/** One layer in one direction, by itself; what it computes goes into `record` [token, unit]. */
const alone = (
  { config }: Checkpoint,
  layer: Layer,
  projected: Float64Array,
  backward: boolean,
  holds: readonly (Held | null)[],
  record: ReadonlyMap<string, Float32Array>,
  state: State,
): Float64Array => {
  const units = config.hidden_size;
  const stride = layer.bias.length;
  const tokens = projected.length / stride;
  const step = stepOf(config);
  const [gates, product] = [new Float64Array(stride), new Float64Array(stride)];
  const hidden = new Float64Array(tokens * units);
  const made = stackedOf(config.cell).map(({ name }) => record.get(name));
  const cell = record.get("cell");
  const shown = record.get("hidden");
  for (let k = 0; k < tokens; k += 1) {
    const t = backward ? tokens - 1 - k : k;
    for (let g = 0; g < stride; g += 1) gates[g] = projected[t * stride + g];
    product.set(layer.hiddenBias);
    addProduct(layer.hidden, state.hidden, 0, units, 1, product, 0);
    step(units, gates, 0, product, 0, state, 0, holds[t] ?? null);
    for (let gate = 0; gate < made.length; gate += 1) {
      made[gate]?.set(gates.subarray(gate * units, (gate + 1) * units), t * units);
    }
    cell?.set(state.cell, t * units);
    shown?.set(state.hidden, t * units);
    hidden.set(state.hidden, t * units);
  }
  return hidden;
};
