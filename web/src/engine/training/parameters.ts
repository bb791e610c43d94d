// All weights of a network in one row of numbers, with a view of each parameter: what learns, or a gradient.

import { suffixesOf } from "../layers";
import { type ModelConfig, shapesOf, type Weights } from "../network";
import { type Arithmetic, plain } from "./arithmetic";

/** What one layer in one direction reads with; gates stacked as in PyTorch. */
export interface Way {
  inputWeights: Float64Array;
  hiddenWeights: Float64Array;
  inputBias: Float64Array;
  hiddenBias: Float64Array;
}

export interface Parameters {
  config: ModelConfig;
  all: Float64Array;
  named: ReadonlyMap<string, Float64Array>;
  embedding: Float64Array;
  /** [layer][direction]. */
  ways: Way[][];
  classWeights: Float64Array;
  classBias: Float64Array;
}

/** Parameters of a network's shape, all zero. */
export const emptyParameters = (config: ModelConfig, arithmetic: Arithmetic = plain): Parameters => {
  const shapes = [...shapesOf(config)].map(([name, shape]) => ({ name, size: shape.reduce((one, two) => one * two) }));
  const all = arithmetic.numbers(shapes.reduce((sum, { size }) => sum + size, 0));
  const named = new Map<string, Float64Array>();
  let start = 0;
  for (const { name, size } of shapes) {
    named.set(name, all.subarray(start, start + size));
    start += size;
  }
  const view = (name: string): Float64Array => {
    const found = named.get(name);
    if (!found) throw new Error(`no parameter ${name}`);
    return found;
  };
  const ways = Array.from({ length: config.layers }, (_, layer) =>
    suffixesOf(config, layer).map((suffix) => ({
      inputWeights: view(`rnn.weight_ih_${suffix}`),
      hiddenWeights: view(`rnn.weight_hh_${suffix}`),
      inputBias: view(`rnn.bias_ih_${suffix}`),
      hiddenBias: view(`rnn.bias_hh_${suffix}`),
    })),
  );
  const [embedding, classWeights, classBias] = ["embedding.weight", "fc.weight", "fc.bias"].map(view);
  return { config, all, named, embedding, ways, classWeights, classBias };
};

/** A copy of a network's weights, to learn from. */
export const parametersOf = (config: ModelConfig, weights: Weights, arithmetic?: Arithmetic): Parameters => {
  const parameters = emptyParameters(config, arithmetic);
  for (const [name, values] of parameters.named) {
    const tensor = weights.get(name);
    if (tensor?.data.length !== values.length) throw new Error(`no parameter ${name} of ${values.length} numbers`);
    values.set(tensor.data);
  }
  return parameters;
};

/** A copy of the parameters as tensors under PyTorch's names. */
export const weightsOf = ({ config, named }: Parameters): Weights =>
  new Map(
    [...shapesOf(config)].map(([name, shape]) => [name, { shape, data: new Float32Array(named.get(name) ?? []) }]),
  );
