// The weights that a network begins with: PyTorch's distributions, and the bias that opens its gates.

import { type ModelConfig, PADDING_ID } from "../network";
import type { Arithmetic } from "./arithmetic";
import { emptyParameters, type Parameters, type Way } from "./parameters";
import type { Random } from "./random";

const EMBEDDING_SCALE = 0.1; // small word vectors, as in rnnviz/training/setup.py

/** Draw all weights: rows of the embedding from a normal distribution, all else uniformly, within 1 / √ of its inputs. */
export const firstWeights = (config: ModelConfig, random: Random, arithmetic?: Arithmetic): Parameters => {
  const parameters = emptyParameters(config, arithmetic);
  const { embedding, ways, classWeights, classBias } = parameters;
  const within = (values: Float64Array, most: number) => {
    for (let place = 0; place < values.length; place += 1) values[place] = Math.fround(random.uniform(-most, most));
  };
  for (let place = 0; place < embedding.length; place += 1) {
    embedding[place] = Math.fround(EMBEDDING_SCALE * random.normal());
  }
  const row = config.embedding_size;
  if (config.reading === "packed") embedding.fill(0, PADDING_ID * row, (PADDING_ID + 1) * row);
  for (const way of ways.flat()) {
    for (const values of Object.values(way)) within(values, 1 / Math.sqrt(config.hidden_size));
    openGates(way, config);
  }
  const inputs = classWeights.length / config.classes;
  within(classWeights, 1 / Math.sqrt(inputs));
  within(classBias, 1 / Math.sqrt(inputs));
  return parameters;
};

/** Start the gates that keep the memory open (Gers et al. 2000): PyTorch stacks the gates i, f, g, o and r, z, n. */
const openGates = (
  { inputBias, hiddenBias }: Way,
  { cell, hidden_size: units, forget_bias: bias }: ModelConfig,
): void => {
  if (cell === "rnn" || bias === 0) return;
  inputBias.fill(bias, units, 2 * units);
  hiddenBias.fill(0, units, 2 * units);
};
