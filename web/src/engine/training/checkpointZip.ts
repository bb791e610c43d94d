// A network that was trained here as a checkpoint's folder in a zip file, which `rnnviz doctor` passes and Python opens.
//
// The folder's files are described in rnnviz/checkpoint/checks.py.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type Zippable, zipSync } from "fflate";
import { checkpointOf } from "../checkpoint";
import { halfBits } from "../half";
import type { ModelConfig, Weights } from "../network";
import { Vocabulary } from "../tokens";
import { batchOf } from "./batch";
import { modelCard } from "./card";
import type { Trained } from "./learning";
import { HELD_OUT, TEXTS } from "./offers";
import { parametersOf } from "./parameters";
import { Passes } from "./passes";
import type { Scores } from "./scores";
import { generate, tokensOf } from "./tasks";
import { type UnitsFile, unitSummary } from "./unitSummary";
import { idsBy } from "./vocabulary";

/** config.json of a network that was trained here. */
export interface CheckpointFile {
  format: 1;
  name: string;
  title: string;
  model: ModelConfig;
  data: {
    text_columns: string[];
    label_column: string;
    classes: { value: string; name: string }[];
    spelling: "plain";
    skip_column: null;
    skip_values: string[];
    source: string;
    licence: string;
  };
  weights_sha256: string;
  vocabulary_sha256: string;
  /** Sentences that the network must reproduce when it is opened. */
  probes: { text: string; logits: number[] }[];
  scores: Record<string, Scores>;
  training: {
    command: string;
    recipe: Record<string, number | string>;
    seed: number;
    texts: number;
    epochs: number;
    seconds: number;
    device: string;
  };
}

const PROBES = ["the movie was good", "not good at all , and far too long .", "oil prices rise as markets fall"];

/** The zip file: a folder with the checkpoint's name. */
export const checkpointZip = (trained: Trained, name: string = nameOf(trained)): Uint8Array<ArrayBuffer> => {
  const files: Zippable = {};
  for (const [file, bytes] of Object.entries(checkpointFiles(trained, name))) files[`${name}/${file}`] = bytes;
  return zipSync(files);
};

/** A name for a network, such as "recall-lstm". */
export const nameOf = ({ wanted: { task, cell } }: Trained): string => `${task}-${cell}`;

/** The files of the folder. */
export const checkpointFiles = (trained: Trained, name: string = nameOf(trained)): Record<string, Uint8Array> => {
  const written = new TextEncoder();
  const weights = safetensors(trained.weights);
  const vocabulary = written.encode(trained.vocabulary.map((word) => `${word}\n`).join(""));
  const config: CheckpointFile = {
    format: 1,
    name,
    title: titleOf(trained),
    model: trained.config,
    data: dataOf(trained),
    weights_sha256: bytesToHex(sha256(weights)),
    vocabulary_sha256: bytesToHex(sha256(vocabulary)),
    probes: probesOf(trained),
    scores: trained.scores ? { dev: trained.scores } : {},
    training: historyOf(trained),
  };
  return {
    "model.safetensors": weights,
    "vocabulary.txt": vocabulary,
    "README.md": written.encode(modelCard(config)),
    "config.json": written.encode(`${JSON.stringify(config, null, 1)}\n`),
    "units.json": written.encode(`${JSON.stringify(unitsOf(trained, name))}\n`),
  };
};

/** The weights as float16 in the safetensors format: the length of a header, the header, the numbers. */
export const safetensors = (weights: Weights): Uint8Array => {
  const header: Record<string, { dtype: "F16"; shape: readonly number[]; data_offsets: [number, number] }> = {};
  let end = 0;
  for (const [name, { shape, data }] of weights) {
    header[name] = { dtype: "F16", shape, data_offsets: [end, end + 2 * data.length] };
    end += 2 * data.length;
  }
  const text = JSON.stringify(header);
  const head = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const bytes = new Uint8Array(8 + head.length + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  let at = 8 + head.length;
  for (const { data } of weights.values()) {
    for (const value of data) {
      view.setUint16(at, halfBits(value), true);
      at += 2;
    }
  }
  return bytes;
};

/** What the units do over the texts that the network learned. */
const unitsOf = ({ config, labels, vocabulary, weights, wanted }: Trained, name: string): UnitsFile => {
  const { texts } = generate(wanted.task, TEXTS + HELD_OUT, wanted.length, wanted.seed);
  return unitSummary(
    checkpointOf(name, config, labels, new Vocabulary(vocabulary), weights),
    texts.slice(0, TEXTS).map(tokensOf),
  );
};

const titleOf = ({ wanted: { task, cell, units } }: Trained): string =>
  `${task}: ${cell.toUpperCase()} with ${units} unit${units === 1 ? "" : "s"}, trained in a browser`;

const dataOf = ({ labels, wanted: { task, length, seed } }: Trained): CheckpointFile["data"] => ({
  text_columns: ["text"],
  label_column: "label",
  classes: labels.map((name) => ({ value: name, name })),
  spelling: "plain",
  skip_column: null,
  skip_values: [],
  source: `generated in a browser: task '${task}' of rnnviz, length ${length}, seed ${seed}`,
  licence: "Apache-2.0 (made by rnnviz)",
});

const historyOf = ({ wanted, recipe, texts, epochs, seconds }: Trained): CheckpointFile["training"] => {
  const { task, cell, units, length, seed, forgetBias, learningRate, detach } = wanted;
  const settings = `${task}, length ${length}, ${cell}, ${units} units, learning rate ${learningRate}`;
  return {
    command: `the page's view Train: ${settings}, forget bias ${forgetBias}, detach ${detach}, seed ${seed}`,
    recipe: { cell, hidden_size: units, forget_bias: forgetBias, ...recipe },
    seed,
    texts,
    epochs,
    seconds,
    device: "a browser",
  };
};

const probesOf = ({ config, weights, vocabulary }: Trained): CheckpointFile["probes"] => {
  const passes = new Passes(parametersOf(config, weights));
  const idsOf = idsBy(vocabulary);
  return PROBES.map((text) => ({ text, logits: [...passes.forward(batchOf([idsOf(tokensOf(text))]))] }));
};
