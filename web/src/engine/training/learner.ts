// A network that learns, batch by batch.

import { nearestEven } from "../half";
import { EngineError } from "../objection";
import { Adam, clip, rateShare } from "./adam";
import { type Arithmetic, plain } from "./arithmetic";
import { type Batch, batchOf } from "./batch";
import { crossEntropy } from "./loss";
import { emptyParameters, type Parameters } from "./parameters";
import { Passes, type Room } from "./passes";
import type { Random } from "./random";

/** How a network learns: the fields of Python's `Recipe` that the page's trainings set or keep, and `detach`. */
export interface Recipe {
  learning_rate: number;
  epochs: number;
  /** Tokens in a batch of texts of equal length. */
  batch_tokens: number;
  /** Share of all steps before the learning rate's peak. */
  warmup: number;
  /** Longest gradient. */
  clip: number;
  /** See `goBack`. */
  detach: number;
}

/** The texts of one epoch, each once: batches of equal length in random order. */
export const batchesOf = (ids: readonly Int32Array[], batchTokens: number, random: Random): number[][] => {
  const order = [...random.permutation(ids.length)].sort((one, other) => ids[one].length - ids[other].length);
  const batches: number[][] = [];
  for (const text of order) {
    const { length } = ids[text];
    const last = batches.at(-1);
    const full = last && last.length >= Math.max(1, Math.floor(batchTokens / length));
    if (last && !full && ids[last[0]].length === length) last.push(text);
    else batches.push([text]);
  }
  return [...random.permutation(batches.length)].map((place) => batches[place]);
};

export class Learner {
  step = 0;
  learningRate = 0;
  readonly #passes: Passes;
  readonly #gradient: Parameters;
  readonly #adam: Adam;
  #slopes = new Float64Array(0);
  #batch: Batch | null = null;

  /** `steps`: of the whole training. */
  constructor(
    readonly parameters: Parameters,
    readonly recipe: Recipe,
    readonly steps: number,
    arithmetic: Arithmetic = plain,
    room?: Room,
  ) {
    this.#passes = new Passes(parameters, arithmetic, room);
    this.#gradient = emptyParameters(parameters.config, arithmetic);
    this.#adam = new Adam(parameters.all.length);
  }

  /**
   * Takes one step on a batch: its mean loss, and how many texts were answered rightly before it.
   *
   * @throws EngineError The loss or its gradient stopped being a number; the weights are left as they were.
   */
  learn(texts: readonly Int32Array[], labels: readonly number[], epoch: number): { mean: number; right: number } {
    const batch = batchOf(texts);
    this.#batch = batch;
    const loss = this.#lossOf(batch, labels);
    const { recipe, steps } = this;
    this.#gradient.all.fill(0);
    this.#passes.back(
      batch,
      this.#slopes.subarray(0, labels.length * this.parameters.config.classes),
      this.#gradient,
      recipe.detach,
    );
    const length = clip(this.#gradient.all, recipe.clip);
    if (!(Number.isFinite(loss.mean) && Number.isFinite(length))) {
      const rate = recipe.learning_rate;
      throw new EngineError("training_nan", { epoch, step: this.step + 1, rate, advice: rate / 10 });
    }
    const warmup = Math.max(1, nearestEven(steps * recipe.warmup));
    this.learningRate = recipe.learning_rate * rateShare(this.step, warmup, steps);
    this.#adam.step(this.parameters.all, this.#gradient.all, this.learningRate);
    this.step += 1;
    return loss;
  }

  /** How long the gradient of the last step was at each word of its texts, before it was clipped: see `Passes.reach`. */
  reach(): number[] {
    return this.#batch ? this.#passes.reach(this.#batch) : [];
  }

  #lossOf(batch: Batch, labels: readonly number[]) {
    const logits = this.#passes.forward(batch);
    if (this.#slopes.length < logits.length) this.#slopes = new Float64Array(logits.length);
    return crossEntropy(this.#slopes, logits, labels);
  }
}
