// How far back an answer reaches: the gradient of one class's score at every token of a text.
//
// The score is the logit of the class; what it means is written in rnnviz/experiments/gradients.py. A network that reads
// padded is given the filled-up text.

import type { ModelConfig, Weights } from "./network";
import { type Batch, batchOf } from "./training/batch";
import { parametersOf } from "./training/parameters";
import { Passes } from "./training/passes";

export interface Saliency {
  /** The class whose logit is the score. */
  label: number;
  score: number;
  logits: Float64Array;
  /** ∂ score / ∂ x [token, feature], x being the embedding row that is read there. */
  gradient: Float64Array;
  /** ‖∂ score / ∂ x‖ of each token: how far the score still reaches back to it. */
  norms: Float64Array;
  /** Σ gradient · x over the features: what the row adds to the score as far as the score is linear. */
  gradientTimesInput: Float64Array;
}

/**
 * The gradient of a score at every token: back-propagation through time.
 *
 * @param ids At least one.
 * @param label The class whose logit is the score; the answer when left out.
 */
export const saliency = (config: ModelConfig, weights: Weights, ids: ArrayLike<number>, label?: number): Saliency => {
  const parameters = parametersOf(config, weights);
  const passes = new Passes(parameters);
  const batch = batchOf([ids], true);
  const logits = passes.forward(batch).slice();
  const chosen = label ?? logits.indexOf(Math.max(...logits));
  const slopes = new Float64Array(config.classes);
  slopes[chosen] = 1;
  const gradient = passes.back(batch, slopes, null).slice();
  const features = config.embedding_size;
  const tokens = Array.from({ length: ids.length }, (_, token) => ({
    slopes: gradient.subarray(token * features, (token + 1) * features),
    row: parameters.embedding.subarray(ids[token] * features, (ids[token] + 1) * features),
  }));
  return {
    label: chosen,
    score: logits[chosen],
    logits,
    gradient,
    norms: Float64Array.from(tokens, (one) => Math.hypot(...one.slopes)),
    gradientTimesInput: Float64Array.from(tokens, (one) => {
      return one.slopes.reduce((sum, slope, place) => sum + slope * one.row[place], 0);
    }),
  };
};

/** One measure of what each token gives to a score: score = baseline + Σ parts + residual. */
export interface Shared {
  parts: Float64Array;
  baseline: number;
  residual: number;
}
interface Integrated extends Shared {
  /** At how many places of the way from zero a gradient was taken. */
  steps: number;
}
export interface SharedScores {
  /** The class; the answer where none was named. */
  label: number;
  /** Its logit less the mean of all. */
  score: number;
  gradientTimesInput: Shared;
  integratedGradients: Integrated;
}

/** At how many places of the way from zero a gradient is taken: as few of these as do. */
const STEPS = [50, 200, 800];
/** Places times tokens beyond which no more places are tried: about a second's work. */
const MOST_GRADIENTS = 20_000;

/**
 * The score of a class shared out among the tokens: `attribute` in rnnviz/experiments/gradients.py, centred.
 *
 * @param ids At least one.
 * @param label The class; the answer when left out.
 */
export const sharedScores = (
  config: ModelConfig,
  weights: Weights,
  ids: ArrayLike<number>,
  label?: number,
): SharedScores => {
  const scaled = new Scaled(config, weights, ids);
  const logits = scaled.logitsAt(1).slice();
  const chosen = label ?? logits.indexOf(Math.max(...logits));
  const counts = logits.map((_, place) => (place === chosen ? 1 : 0) - 1 / logits.length);
  const scoreOf = (values: Float64Array) => values.reduce((sum, value, place) => sum + counts[place] * value, 0);
  const score = scoreOf(logits);
  const slopes = scaled.slopes(counts).slice();
  const nothing = scoreOf(scaled.logitsAt(0));
  const shared = (gradient: Float64Array, baseline: number): Shared => {
    const parts = scaled.timesInput(gradient);
    return { parts, baseline, residual: score - baseline - parts.reduce((sum, part) => sum + part, 0) };
  };
  const integrated = (steps: number): Integrated => ({ ...shared(scaled.meanSlopes(steps, counts), nothing), steps });
  let found = integrated(STEPS[0]);
  for (const steps of STEPS.slice(1).filter((more) => more * ids.length <= MOST_GRADIENTS)) {
    if (Math.abs(found.residual) <= 0.01 + 0.02 * Math.abs(score)) break;
    found = integrated(steps);
  }
  return { label: chosen, score, gradientTimesInput: shared(slopes, 0), integratedGradients: found };
};

/** A text that is read with its embedding rows scaled. */
class Scaled {
  readonly #passes: Passes;
  /** The rows of the text, one a token, as they are read; and as the network has them. */
  readonly #read: Float64Array;
  readonly #rows: Float64Array;
  readonly #batch: Batch;
  readonly #features: number;

  constructor(config: ModelConfig, weights: Weights, ids: ArrayLike<number>) {
    const features = config.embedding_size;
    const table = weights.get("embedding.weight")?.data ?? new Float32Array();
    const data = new Float32Array(ids.length * features);
    for (let token = 0; token < ids.length; token += 1) {
      data.set(table.subarray(ids[token] * features, (ids[token] + 1) * features), token * features);
    }
    const own = { ...config, vocabulary_size: ids.length }; // its words are the tokens of this text
    const parameters = parametersOf(own, new Map([...weights, ["embedding.weight", { shape: [], data }]]));
    this.#passes = new Passes(parameters);
    this.#read = parameters.embedding;
    this.#rows = Float64Array.from(data);
    this.#batch = batchOf([Int32Array.from(ids, (_, token) => token)], true);
    this.#features = features;
  }

  /** The logits of α times the text; valid until the next. */
  logitsAt(alpha: number): Float64Array {
    for (const [place, value] of this.#rows.entries()) this.#read[place] = alpha * value;
    return this.#passes.forward(this.#batch);
  }
  /** The gradient of a weighted sum of logits at what was read last; valid until the next. */
  slopes(counts: Float64Array): Float64Array {
    return this.#passes.back(this.#batch, counts, null);
  }
  /** These gradients averaged over the way from zero to the text, at so many of its places. */
  meanSlopes(steps: number, counts: Float64Array): Float64Array {
    const mean = new Float64Array(this.#rows.length);
    for (const { node, weight } of gaussLegendre(steps)) {
      this.logitsAt(node);
      for (const [place, slope] of this.slopes(counts).entries()) mean[place] += weight * slope;
    }
    return mean;
  }
  /** Of each token, Σ gradient · x over its features. */
  timesInput(gradient: Float64Array): Float64Array {
    const parts = new Float64Array(this.#rows.length / this.#features);
    for (const [place, slope] of gradient.entries()) {
      parts[Math.floor(place / this.#features)] += slope * this.#rows[place];
    }
    return parts;
  }
}

/** Gauss and Legendre's rule on 0 to 1: the roots of the Legendre polynomial by Newton's method, and their weights. */
const gaussLegendre = (count: number): { node: number; weight: number }[] =>
  Array.from({ length: count }, (_, place) => {
    let x = Math.cos((Math.PI * (place + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let turn = 0; turn < 8; turn += 1) {
      let [before, now] = [1, x];
      for (let n = 2; n <= count; n += 1) [before, now] = [now, ((2 * n - 1) * x * now - (n - 1) * before) / n];
      slope = (count * (x * now - before)) / (x * x - 1);
      x -= now / slope;
    }
    return { node: (x + 1) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
