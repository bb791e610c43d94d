// The recurrent layers of a network, made ready for reading: W, U and the biases of each layer and direction.

import { filledUp, type Matrix, matrixOf } from "./matrix";
import type { ModelConfig, Tensor, Weights } from "./network";

/** One layer in one direction. Its gates are stacked as PyTorch stacks them, filled up to a multiple of four. */
export interface Layer {
  /** W: one matrix for each direction of the layer below, which it reads side by side; one for the embedding. */
  inputs: Matrix[];
  /** U. */
  hidden: Matrix;
  /** Of W x + b: both biases, but for a GRU's candidate only the first. */
  bias: Float64Array;
  /** Of U h + b': the second bias of a GRU's candidate, which its reset gate scales; else zeros. */
  hiddenBias: Float64Array;
}

/** By layer and direction. */
export type Layers = readonly (readonly Layer[])[];

export const tensorOf = (weights: Weights, name: string): Tensor => {
  const found = weights.get(name);
  if (!found) throw new Error(`no weights ${name}`);
  return found;
};

export const layersOf = (config: ModelConfig, weights: Weights): Layers =>
  Array.from({ length: config.layers }, (_, layer) =>
    suffixesOf(config, layer).map((suffix) => layerOf(config, weights, suffix, layer === 0)),
  );

/** Of the names of a layer's weights, by direction. */
export const suffixesOf = (config: ModelConfig, layer: number): string[] =>
  config.bidirectional ? [`l${layer}`, `l${layer}_reverse`] : [`l${layer}`];

const layerOf = (config: ModelConfig, weights: Weights, suffix: string, first: boolean): Layer => {
  const { data: W, shape } = tensorOf(weights, `rnn.weight_ih_${suffix}`);
  const { data: U } = tensorOf(weights, `rnn.weight_hh_${suffix}`);
  const [gates, features] = shape;
  const units = config.hidden_size;
  const width = first ? features : units;
  const bias = new Float64Array(filledUp(gates));
  const hiddenBias = new Float64Array(filledUp(gates));
  const [own, other] = ["ih", "hh"].map((kind) => tensorOf(weights, `rnn.bias_${kind}_${suffix}`).data);
  for (let gate = 0; gate < gates; gate += 1) {
    const apart = config.cell === "gru" && gate >= 2 * units;
    bias[gate] = apart ? own[gate] : own[gate] + other[gate];
    hiddenBias[gate] = apart ? other[gate] : 0;
  }
  const inputs = [];
  for (let from = 0; from < features; from += width) inputs.push(matrixOf(W, gates, features, from, width));
  return { inputs, hidden: matrixOf(U, gates, units), bias, hiddenBias };
};
