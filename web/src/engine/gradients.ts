// How far back an answer reaches: the gradient of one class's score at every token of a text.
//
// The score is the logit of the class; what it means is written in rnnviz/experiments/gradients.py. A network that reads
// padded is given the filled-up text.

import type { ModelConfig, Weights } from "./network";
import { batchOf } from "./training/batch";
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
