// A training as the page shows it: what was asked becomes texts, a network and a recipe, its moments a curve's points and
// a picture. The same as rnnviz/page/learning.py, but for the random numbers.

import type { HeldOut, Picture } from "../../client/contract";
import { rounded } from "../half";
import type { ModelConfig, Weights } from "../network";
import { fastArithmetic } from "./arithmetic";
import { batchesOf, Learner, type Recipe } from "./learner";
import { HELD_OUT, TEXTS, type Wanted } from "./offers";
import { emptyParameters, type Parameters, weightsOf } from "./parameters";
import { Passes, type Room } from "./passes";
import { pictureOf } from "./picture";
import { Random } from "./random";
import { evaluate, type Scores } from "./scores";
import { firstWeights } from "./start";
import { generate, tokensOf } from "./tasks";
import { countWords, idsBy } from "./vocabulary";

const EMBEDDING_SIZE = 16;
const TEXTS_IN_BATCH = 32;
const [READINGS, WORDS_READ, MOST_EPOCHS] = [40_000, 1_200_000, 40];
const MOST_WORDS = 60;
const SECONDS_BETWEEN = 0.2; // moments
const [WARMUP, CLIP] = [0.1, 1];

/** The purposes for which random numbers are drawn from one seed; the texts take the first. */
const [WEIGHTS, ORDER] = [1, 2];

/** A point of the curve; loss and accuracy are means over the texts since the point before. */
export interface Point {
  step: number;
  epoch: number;
  fraction: number;
  loss: number;
  accuracy: number;
  learning_rate: number;
}

/** A network as it was at a moment: what opens it in the page, and what a checkpoint says of it. */
export interface Trained {
  config: ModelConfig;
  /** Rounded to float16, as they would be saved. */
  weights: Weights;
  /** All entries by id, the special ones first. */
  vocabulary: readonly string[];
  labels: readonly string[];
  wanted: Wanted;
  recipe: Recipe;
  texts: number;
  epochs: number;
  seconds: number;
  /** On texts set aside; null between the ends of epochs, when nobody measures. */
  scores: Scores | null;
}

/** What a moment of a training shows. */
export interface News {
  fraction: number;
  point: Point | null;
  picture: Picture;
  held_out: HeldOut | null;
  /** How long the gradient was at each word, in the last step. */
  reach: number[] | null;
  trained: Trained;
}

/** Texts as ids. */
interface Labelled {
  ids: Int32Array[];
  labels: number[];
}

/**
 * Trains.
 *
 * @param clock Tells seconds.
 * @yields Null after each piece of work, a few milliseconds long; now and then what is new.
 * @throws EngineError The loss stopped being a number.
 */
export function* learning(wanted: Wanted, clock = () => performance.now() / 1000): Generator<News | null, void> {
  yield null;
  const run = new Run(wanted, clock);
  for (const [place, batches] of run.epochs.entries()) {
    for (const batch of batches) {
      run.learn(batch, place + 1);
      yield run.due() ? run.news(null) : null;
    }
    yield run.news(run.evaluate());
  }
}

/** As many epochs as there is time for, in batches of about 32 texts. */
const recipeOf = ({ learningRate, detach }: Wanted, texts: readonly string[]): Recipe => {
  const words = texts.map((text) => Math.min(text.split(" ").length, MOST_WORDS));
  const all = words.reduce((sum, count) => sum + count, 0);
  const epochs = Math.min(Math.floor(READINGS / texts.length), Math.floor(WORDS_READ / Math.max(1, all)), MOST_EPOCHS);
  return {
    learning_rate: learningRate,
    epochs: Math.max(1, epochs),
    batch_tokens: TEXTS_IN_BATCH * Math.max(1, ...words),
    warmup: WARMUP,
    clip: CLIP,
    detach,
  };
};

const configOf = ({ cell, units, forgetBias }: Wanted, words: number, classes: number): ModelConfig => ({
  cell,
  nonlinearity: "tanh",
  vocabulary_size: words,
  embedding_size: EMBEDDING_SIZE,
  hidden_size: units,
  layers: 1,
  bidirectional: false,
  pooling: "last",
  learned_start: false,
  reading: "packed",
  squash: "nothing",
  inner_size: 0,
  inner_squash: "nothing",
  classes,
  embedding_dropout: 0,
  dropout: 0,
  recurrent_dropout: 0,
  forget_bias: forgetBias,
});

/** A training under way. */
class Run {
  readonly epochs: number[][][];
  readonly #wanted: Wanted;
  readonly #clock: () => number;
  readonly #begun: number;
  readonly #classes: readonly string[];
  readonly #vocabulary: string[];
  readonly #learned: Labelled;
  readonly #kept: Labelled;
  readonly #measure: Omit<HeldOut, "accuracy">;
  readonly #recipe: Recipe;
  readonly #learner: Learner;
  /** The network as it would be saved, and what reads with it. */
  readonly #stored: Parameters;
  readonly #reader: Passes;
  #shown: number;
  #epoch = 0;
  /** Sums since the last point of the curve. */
  #since = { texts: 0, loss: 0, right: 0 };

  constructor(wanted: Wanted, clock: () => number) {
    this.#wanted = wanted;
    this.#clock = clock;
    this.#begun = this.#shown = clock();
    const { task, length, seed } = wanted;
    const { texts, labels, classes } = generate(task, TEXTS + HELD_OUT, length, seed);
    const tokens = texts.map(tokensOf);
    this.#classes = classes;
    this.#vocabulary = countWords(tokens.slice(0, TEXTS));
    const ids = tokens.map(idsBy(this.#vocabulary));
    this.#learned = { ids: ids.slice(0, TEXTS), labels: labels.slice(0, TEXTS) };
    this.#kept = { ids: ids.slice(TEXTS), labels: labels.slice(TEXTS) };
    this.#measure = measureOf(texts, this.#kept.labels, classes.length);
    this.#recipe = recipeOf(wanted, texts.slice(0, TEXTS));
    const order = new Random(seed, ORDER);
    this.epochs = Array.from({ length: this.#recipe.epochs }, () => {
      return batchesOf(this.#learned.ids, this.#recipe.batch_tokens, order);
    });
    const config = configOf(wanted, this.#vocabulary.length, classes.length);
    const steps = this.epochs.reduce((sum, batches) => sum + batches.length, 0);
    const arithmetic = fastArithmetic();
    const room = roomFor(this.epochs, this.#learned.ids, this.#vocabulary.length);
    const begins = firstWeights(config, new Random(seed, WEIGHTS), arithmetic);
    this.#learner = new Learner(begins, this.#recipe, steps, arithmetic, room);
    this.#stored = emptyParameters(config, arithmetic);
    this.#reader = new Passes(this.#stored, arithmetic, room);
  }

  /** Takes one step. */
  learn(batch: readonly number[], epoch: number): void {
    const { ids, labels } = this.#learned;
    this.#epoch = epoch;
    const own = batch.map((text) => labels[text]);
    const { mean, right } = this.#learner.learn(
      batch.map((text) => ids[text]),
      own,
      epoch,
    );
    this.#since.texts += batch.length;
    this.#since.loss += mean * batch.length;
    this.#since.right += right;
  }

  /** Whether it is time to show something. */
  due(): boolean {
    return this.#clock() - this.#shown >= SECONDS_BETWEEN;
  }

  /** How often the network is right on the texts set aside. */
  evaluate(): Scores {
    this.#store();
    return evaluate(this.#reader, this.#kept.ids, this.#kept.labels, this.#classes);
  }

  /** What there is to show now. */
  news(scores: Scores | null): News {
    this.#store();
    const { step, steps } = this.#learner;
    const known = new Set(this.#vocabulary);
    const news: News = {
      fraction: step / steps,
      point: this.#point(),
      picture: pictureOf(this.#stored, this.#reader, {
        tokens: this.#wanted.watch,
        ids: idsBy(this.#vocabulary)(this.#wanted.watch),
        unknown: this.#wanted.watch.map((word) => !known.has(word)),
        labels: this.#classes,
      }),
      held_out: scores && { ...this.#measure, accuracy: scores.accuracy },
      reach: this.#reach(),
      trained: this.#trained(scores),
    };
    this.#shown = this.#clock();
    return news;
  }

  /** Null where it is no number. */
  #reach(): number[] | null {
    const lengths = this.#learner.reach();
    return lengths.every(Number.isFinite) ? lengths : null;
  }

  #store(): void {
    const { all } = this.#learner.parameters;
    for (let place = 0; place < all.length; place += 1) this.#stored.all[place] = rounded(all[place]);
  }

  #point(): Point | null {
    const { texts, loss, right } = this.#since;
    this.#since = { texts: 0, loss: 0, right: 0 };
    if (!texts) return null;
    const { step, steps, learningRate } = this.#learner;
    return {
      step,
      epoch: this.#epoch,
      fraction: step / steps,
      loss: loss / texts,
      accuracy: right / texts,
      learning_rate: learningRate,
    };
  }

  #trained(scores: Scores | null): Trained {
    return {
      config: this.#stored.config,
      weights: weightsOf(this.#stored),
      vocabulary: this.#vocabulary,
      labels: this.#classes,
      wanted: this.#wanted,
      recipe: this.#recipe,
      texts: this.#learned.ids.length,
      epochs: this.#epoch,
      seconds: Math.round((this.#clock() - this.#begun) * 10) / 10,
      scores,
    };
  }
}

/** The largest batch of a training. */
const roomFor = (epochs: readonly number[][][], ids: readonly Int32Array[], words: number): Room => {
  const batches = epochs.flat();
  const most = (of: (batch: readonly number[]) => number) => batches.reduce((so, one) => Math.max(so, of(one)), 0);
  return {
    rows: most((batch) => batch.length * ids[batch[0]].length),
    slots: words,
    texts: most((batch) => batch.length),
  };
};

/** What accuracy on the texts set aside is judged by: how many, how many also learned, the commonest class's share. */
const measureOf = (texts: readonly string[], kept: readonly number[], classes: number) => {
  const learned = new Set(texts.slice(0, TEXTS));
  const counts = Array.from({ length: classes }, (_, label) => kept.filter((one) => one === label).length);
  return {
    texts: kept.length,
    seen: texts.slice(TEXTS).filter((text) => learned.has(text)).length,
    chance: Math.max(...counts) / kept.length,
  };
};
