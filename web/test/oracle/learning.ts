// Answers tests/web/test_learning.py: one question a line on stdin, one answer a line on stdout, both JSON.

import { createInterface } from "node:readline";
import { saliency } from "../../src/engine/gradients";
import { type ModelConfig, shapesOf, UNKNOWN_ID, type Weights } from "../../src/engine/network";
import { Adam, clip } from "../../src/engine/training/adam";
import { batchOf, filled } from "../../src/engine/training/batch";
import { crossEntropy } from "../../src/engine/training/loss";
import { emptyParameters, type Parameters, parametersOf } from "../../src/engine/training/parameters";
import { Passes } from "../../src/engine/training/passes";

interface Network {
  config: ModelConfig;
  weights: Record<string, number[]>;
}
interface Steps extends Network {
  batches: { texts: number[][]; labels: number[] }[];
  rate: number;
  clip: number;
  detach: number;
}

const weightsFrom = ({ config, weights }: Network): Weights =>
  new Map([...shapesOf(config)].map(([name, shape]) => [name, { shape, data: Float32Array.from(weights[name]) }]));
const written = ({ named }: Parameters) => Object.fromEntries([...named].map(([name, one]) => [name, [...one]]));

/** Several steps of a training, each with its loss, its gradient before and after it is cut, and the weights after. */
const steps = ({ batches, rate, clip: longest, detach, ...network }: Steps) => {
  const { config } = network;
  const parameters = parametersOf(config, weightsFrom(network));
  const [passes, adam] = [new Passes(parameters), new Adam(parameters.all.length)];
  return batches.map(({ texts, labels }) => {
    const batch = batchOf(config.reading === "padded" ? filled(texts, UNKNOWN_ID) : texts);
    const gradient = emptyParameters(config);
    const logits = passes.forward(batch);
    const slopes = new Float64Array(logits.length);
    const loss = crossEntropy(slopes, logits, labels);
    passes.back(batch, slopes, gradient, detach);
    const whole = written(gradient);
    const length = clip(gradient.all, longest);
    const cut = written(gradient);
    adam.step(parameters.all, gradient.all, rate);
    return { ...loss, logits: [...logits], gradient: whole, length, cut, weights: written(parameters) };
  });
};

const answers: Record<string, (question: never) => unknown> = {
  saliency: ({ ids, label, ...network }: Network & { ids: number[]; label?: number }) => {
    const found = saliency(network.config, weightsFrom(network), ids, label);
    return { ...found, gradient: [...found.gradient], norms: [...found.norms], logits: [...found.logits] };
  },
  steps,
};

for await (const line of createInterface({ input: process.stdin })) {
  const { ask, ...question } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(answers[ask](question as never))}\n`);
}
