// A network that is ready to read, with its vocabulary: opened from the files of its folder, it proves itself.

import type { CheckpointConfig, Task } from "./config";
import { type Files, type Parts, partsOf } from "./files";
import { type Head, headOf, logits } from "./head";
import { type Kernel, kernelOf } from "./kernel";
import { LastAnswers } from "./lastAnswers";
import { type Layers, layersOf, tensorOf } from "./layers";
import { type ModelConfig, UNKNOWN_ID, type Weights } from "./network";
import { EngineError } from "./objection";
import { pooledOf, poolOf, takeWord } from "./pooling";
import type { Vocabulary } from "./tokens";
import type { Trace } from "./trace";
import { walk } from "./walk";
import { WordTable } from "./wordTable";

const PROBE_TOLERANCE = 1e-3;

export interface Checkpoint {
  name: string;
  config: ModelConfig;
  task: Task;
  /** Names of the classes; of a network that tells the next token, all entries of its vocabulary. */
  labels: readonly string[];
  vocabulary: Vocabulary;
  weights: Weights;
  layers: Layers;
  /** What multiplies by the matrices of the layers. */
  kernel: Kernel;
  words: WordTable;
  /** Of a network that reads both ways, what it answered lately. */
  answers: LastAnswers;
  head: Head;
  starts: Trace["starts"];
}

/** Open a folder, given as the bytes of its files; EngineError says why it cannot be trusted. */
export const openCheckpoint = async (name: string, files: Files): Promise<Checkpoint> =>
  proven(name, await partsOf(name, files));

/** A checkpoint of parts that were checked, perhaps in a worker; it must give the logits that it was saved with. */
export const proven = (name: string, { config, vocabulary, weights }: Parts): Checkpoint => {
  const labels = config.task === "next" ? vocabulary.words : config.labels;
  const checkpoint = checkpointOf(name, config.model, labels, vocabulary, weights, config.task);
  for (const probe of config.probes) checkProbe(checkpoint, config, probe);
  return checkpoint;
};

/** A checkpoint of weights that are known to fit, as after a training. */
export const checkpointOf = (
  name: string,
  config: ModelConfig,
  labels: readonly string[],
  vocabulary: Vocabulary,
  weights: Weights,
  task: Task = "classify",
): Checkpoint => {
  const layers = layersOf(config, weights);
  return {
    name,
    config,
    task,
    labels,
    vocabulary,
    weights,
    layers,
    kernel: kernelOf(config, layers),
    words: new WordTable(tensorOf(weights, "embedding.weight"), layers[0]),
    answers: new LastAnswers(),
    head: headOf(config, (name) => tensorOf(weights, name).data),
    starts: new Map(
      ["hidden", "cell"].flatMap((name) => {
        const start = weights.get(`start.${name}`);
        return start ? [[name, start.data] as const] : [];
      }),
    ),
  };
};

const checkProbe = (
  checkpoint: Checkpoint,
  config: CheckpointConfig,
  probe: CheckpointConfig["probes"][number],
): void => {
  const found = logitsOf(checkpoint, checkpoint.vocabulary.tokenise(probe.text));
  if (probe.logits.length !== found.length) {
    const problem = `a test sentence has ${probe.logits.length} logits for ${config.model.classes} classes`;
    throw new EngineError("checkpoint_config", { path: `${checkpoint.name}/config.json`, problem });
  }
  for (const [label, expected] of probe.logits.entries()) {
    const close = Math.abs(expected - found[label]) <= PROBE_TOLERANCE * Math.max(1, Math.abs(expected));
    if (!close) throw new EngineError("checkpoint_probe", { expected, found: found[label] });
  }
};

/** The logits of a text; one without any token is read as an unknown one. */
const logitsOf = (checkpoint: Checkpoint, tokens: readonly string[]): Float64Array => {
  const ids = tokens.length ? checkpoint.vocabulary.ids(tokens) : [UNKNOWN_ID];
  const walked = walk(checkpoint, ids);
  const pool = poolOf(1, checkpoint.config);
  for (let t = 0; t < ids.length; t += 1) takeWord(pool, walked.hidden, t, ids.length);
  return logits(pooledOf(pool, 0, ids.length), checkpoint.head);
};
