// The head of a network: from pooled states to a score for each class, through one linear layer or two.
//
// `head` of rnnviz/model.py and `readout_at` of rnnviz/reading.py.

import type { Numbers } from "./matrix";
import type { ModelConfig, Squash } from "./network";
import { tanh } from "./squash";
import type { Readout } from "./trace";

/** Weights [output, input] and biases of a linear layer, and what is done to its inputs. */
interface Linear<Stored extends Numbers> {
  squash: Squash;
  weight: Stored;
  bias: Stored;
}

/** The linear layers of a network, the last one last. */
export interface Head<Stored extends Numbers = Float32Array> {
  layers: readonly Linear<Stored>[];
  pooling: ModelConfig["pooling"];
}

export const headOf = <Stored extends Numbers>(
  { squash, inner_size, inner_squash, pooling }: ModelConfig,
  numbersOf: (name: string) => Stored,
): Head<Stored> => {
  const named = (name: string, before: Squash): Linear<Stored> => ({
    squash: before,
    weight: numbersOf(`${name}.weight`),
    bias: numbersOf(`${name}.bias`),
  });
  const layers = inner_size ? [named("inner", squash), named("fc", inner_squash)] : [named("fc", squash)];
  return { layers, pooling };
};

/** Whether a head is one linear layer and nothing else. */
export const isLinear = ({ squash, inner_size }: ModelConfig): boolean => squash === "nothing" && inner_size === 0;

const SQUASHES: Record<Squash, (value: number) => number> = {
  nothing: (value) => value,
  relu: (value) => Math.max(value, 0),
  tanh,
};

/** One number a class, of the pooled states of a text. */
export const logits = (pooled: Float64Array, { layers }: Head<Numbers>): Float64Array =>
  layers.reduce((values, { squash, weight, bias }) => {
    const inputs = values.map(SQUASHES[squash]);
    return Float64Array.from(bias, (start, output) => {
      let sum = 0;
      for (let j = 0; j < inputs.length; j += 1) sum += weight[output * inputs.length + j] * inputs[j];
      return start + sum;
    });
  }, pooled);

const SLOPES: Record<Squash, (value: number) => number> = {
  nothing: () => 1,
  relu: (value) => (value > 0 ? 1 : 0),
  tanh: (value) => 1 - tanh(value) ** 2,
};

/** The gradient of a weighted sum of the classes' numbers by the pooled states: the way back through `logits`. */
export const pooledSlopes = (pooled: Float64Array, head: Head<Numbers>, slopes: Float64Array): Float64Array => {
  const inputs = head.layers.map((_, count) => logits(pooled, { ...head, layers: head.layers.slice(0, count) }));
  return head.layers.reduceRight((back, { squash, weight }, layer) => {
    const values = inputs[layer];
    return values.map((value, j) => {
      let sum = 0;
      for (let output = 0; output < back.length; output += 1) sum += back[output] * weight[output * values.length + j];
      return sum * SLOPES[squash](value);
    });
  }, slopes);
};

/**
 * The head as a linear function that gives the logits of these pooled states.
 *
 * Each number a that is squashed is scaled by squash(a) / a instead, by its slope where a is 0.
 */
export const readoutAt = (pooled: Float64Array, { layers, pooling }: Head): Readout => {
  const [first] = layers;
  if (layers.length === 1 && first.squash === "nothing") return { ...first, pooling, linear: true };
  let [weight, bias]: Float64Array[] = [Float64Array.from(first.weight), Float64Array.from(first.bias)];
  let values = pooled;
  scaleColumns(weight, sharesOf(values, first.squash));
  for (const layer of layers.slice(1)) {
    values = applied(weight, bias, pooled);
    const own = Float64Array.from(layer.weight);
    scaleColumns(own, sharesOf(values, layer.squash));
    bias = applied(own, layer.bias, bias);
    weight = product(own, weight, values.length);
  }
  return { weight: Float32Array.from(weight), bias: Float32Array.from(bias), pooling, linear: false };
};

/** What share of a number is there when it is squashed. */
const sharesOf = (values: Float64Array, squash: Squash): Float64Array => {
  const slope = squash === "relu" ? 0 : 1;
  return values.map((value) => (value === 0 ? slope : SQUASHES[squash](value) / value));
};

const scaleColumns = (matrix: Float64Array, by: Float64Array): void => {
  for (let at = 0; at < matrix.length; at += 1) matrix[at] *= by[at % by.length];
};

/** weight · inputs + bias */
const applied = (weight: Float64Array, bias: ArrayLike<number>, inputs: Float64Array): Float64Array =>
  Float64Array.from(bias, (start, output) =>
    inputs.reduce((sum, value, j) => sum + weight[output * inputs.length + j] * value, start),
  );

/** The product of a matrix of so many columns and another one. */
const product = (left: Float64Array, right: Float64Array, inner: number): Float64Array => {
  const width = right.length / inner;
  const found = new Float64Array((left.length / inner) * width);
  for (let at = 0; at < left.length; at += 1) {
    const [row, k] = [Math.floor(at / inner), at % inner];
    for (let j = 0; j < width; j += 1) found[row * width + j] += left[at] * right[k * width + j];
  }
  return found;
};
