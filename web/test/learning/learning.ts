// Answers tests/web/test_learning.py: one question a line on stdin, one answer a line on stdout, both JSON.

import { createInterface } from "node:readline";
import { checkpointOf } from "../../src/engine/checkpoint";
import { saliency } from "../../src/engine/gradients";
import { halfBits, halfFrom } from "../../src/engine/half";
import { type ModelConfig, shapesOf, UNKNOWN_ID, type Weights } from "../../src/engine/network";
import { EngineError } from "../../src/engine/objection";
import { Vocabulary } from "../../src/engine/tokens";
import { Adam, clip, rateShare } from "../../src/engine/training/adam";
import { fastArithmetic, plain } from "../../src/engine/training/arithmetic";
import { batchOf, filled } from "../../src/engine/training/batch";
import { percent } from "../../src/engine/training/card";
import { checkpointZip } from "../../src/engine/training/checkpointZip";
import { Learner } from "../../src/engine/training/learner";
import { learning, type News } from "../../src/engine/training/learning";
import { crossEntropy } from "../../src/engine/training/loss";
import { type BrowserTrainStart, offers, wanted } from "../../src/engine/training/offers";
import { emptyParameters, type Parameters, parametersOf } from "../../src/engine/training/parameters";
import { Passes } from "../../src/engine/training/passes";
import { Random } from "../../src/engine/training/random";
import { firstWeights } from "../../src/engine/training/start";
import { generate, type Task, tokensOf } from "../../src/engine/training/tasks";
import { type Trainings, trainings } from "../../src/engine/training/trainings";
import { unitSummary } from "../../src/engine/training/unitSummary";
import { countWords } from "../../src/engine/training/vocabulary";
import { inSlices } from "./inSlices";

interface Network {
  config: ModelConfig;
  weights: Record<string, number[]>;
}
interface Steps extends Network {
  batches: { texts: number[][]; labels: number[] }[];
  rate: number;
  clip: number;
  detach: number;
  fast?: boolean;
}

const weightsFrom = ({ config, weights }: Network): Weights =>
  new Map([...shapesOf(config)].map(([name, shape]) => [name, { shape, data: Float32Array.from(weights[name]) }]));
const written = ({ named }: Parameters) => Object.fromEntries([...named].map(([name, one]) => [name, [...one]]));

/** Several steps of a training, each with its loss, its gradient before and after it is cut, and the weights after. */
const steps = ({ batches, rate, clip: longest, detach, fast = false, ...network }: Steps) => {
  const { config } = network;
  const arithmetic = fast ? fastArithmetic() : plain;
  const parameters = parametersOf(config, weightsFrom(network), arithmetic);
  const [passes, adam] = [new Passes(parameters, arithmetic), new Adam(parameters.all.length)];
  return batches.map(({ texts, labels }) => {
    const batch = batchOf(config.reading === "padded" ? filled(texts, UNKNOWN_ID) : texts);
    const gradient = emptyParameters(config, arithmetic);
    const logits = passes.forward(batch);
    const slopes = new Float64Array(logits.length);
    const loss = crossEntropy(slopes, logits, labels);
    passes.back(batch, slopes, gradient, detach);
    const whole = written(gradient);
    const length = clip(gradient.all, longest);
    const cut = written(gradient);
    const reach = config.bidirectional ? [] : passes.reach(batch);
    adam.step(parameters.all, gradient.all, rate);
    return { ...loss, logits: [...logits], gradient: whole, reach, length, cut, weights: written(parameters) };
  });
};

const answers: Record<string, (question: never) => unknown> = {
  saliency: ({ ids, label, ...network }: Network & { ids: number[]; label?: number }) => {
    const found = saliency(network.config, weightsFrom(network), ids, label);
    return { ...found, gradient: [...found.gradient], norms: [...found.norms], logits: [...found.logits] };
  },
  steps,
  /** A step of a network that has lost its numbers. */
  broken: ({ rate, ...network }: Network & { rate: number }) => {
    const parameters = parametersOf(network.config, weightsFrom(network));
    const before = parameters.all.slice();
    const recipe = { learning_rate: rate, epochs: 1, batch_tokens: 1, warmup: 0, clip: 1, detach: 0 };
    try {
      new Learner(parameters, recipe, 1).learn([Int32Array.of(2, 3)], [0], 2);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      return { objection: error.objection, same: before.every((one, place) => one === parameters.all[place]) };
    }
    return null;
  },
  schedule: ({ steps, warmup }: Record<string, number>) => {
    return Array.from({ length: steps }, (_, step) => rateShare(step, warmup, steps));
  },
  first_weights: ({ config, seed }: { config: ModelConfig; seed: number }) => {
    return written(firstWeights(config, new Random(seed)));
  },
  /** What the units of a network do over some texts. */
  units: ({ texts, vocabulary, ...network }: Network & { texts: string[]; vocabulary: string[] }) => {
    const labels = Array.from({ length: network.config.classes }, (_, label) => String(label));
    const checkpoint = checkpointOf("units", network.config, labels, new Vocabulary(vocabulary), weightsFrom(network));
    return unitSummary(checkpoint, texts.map(tokensOf));
  },
  generate: ({ task, rows, length, seed }: { task: Task; rows: number; length: number; seed: number }) => {
    const made = generate(task, rows, length, seed);
    const tokens = made.texts.map(tokensOf);
    return { ...made, tokens, vocabulary: countWords(tokens) };
  },
  halves: ({ bits }: { bits: number[] }) => bits.map((one) => halfBits(halfFrom(one))),
  rounded_halves: ({ numbers }: { numbers: number[] }) => numbers.map(halfBits),
  percents: ({ shares, digits }: { shares: number[]; digits: number }) => shares.map((one) => percent(one, digits)),
  offers: () => offers(),
  /** A whole training, after which the network is saved; of each moment there is what the page is shown. */
  learn: ({ question }: { question: BrowserTrainStart }) => {
    const moments: News[] = [];
    for (const news of learning(wanted(question, tokensOf))) if (news) moments.push(news);
    const { trained } = moments[moments.length - 1];
    return {
      moments: moments.map(({ trained: _, ...shown }) => shown),
      scores: trained.scores,
      zip: Buffer.from(checkpointZip(trained)).toString("base64"),
    };
  },
  /** What the page is answered: `name` is one of the questions about training. */
  page: async ({ name, question }: { name: Exclude<keyof Trainings, "trained">; question: never }) => {
    return asked[name](question);
  },
  wait: ({ seconds }: { seconds: number }) => new Promise((go) => setTimeout(() => go(null), seconds * 1000)),
};

const asked = trainings({ tokenise: tokensOf, trainer: inSlices });

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...question } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await answers[ask](question as never))}\n`);
}
