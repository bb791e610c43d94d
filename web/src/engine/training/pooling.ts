// Which states reach the head, and where their gradient goes.
//
// ../pooling.ts takes words in one by one, for an answer after each; here whole batches are pooled, and there is a way back.
//
// A direction's rows of one text are in its own reading order. Of the mean and the maximum the order says nothing; the
// last state is the one that the direction reads last.

import { blocksOf, lowestRead, type ModelConfig } from "../network";
import type { Batch } from "./batch";
import type { Memory } from "./cells";

type Part = "first" | "last" | "max" | "mean" | "sum";

/** How many features the head reads. */
export const pooledSize = (config: ModelConfig): number =>
  config.hidden_size * (config.bidirectional ? 2 : 1) * blocksOf(config);

/** A direction that reads from the end has read the text's last word first. */
const partsOf = (pooling: ModelConfig["pooling"], direction: number): Part[] => {
  if (pooling === "output-last") return [direction === 1 ? "first" : "last"];
  if (pooling === "last-layers") return ["last"];
  return pooling === "max+mean" ? ["max", "mean"] : [pooling];
};

/** Where each part of the pooled vector of each layer that is read, and each of its directions, begins. */
const placesOf = (config: ModelConfig, memories: readonly (readonly Memory[])[]) => {
  const blocks = memories
    .slice(lowestRead(config))
    .map((layer) =>
      layer.map((memory, direction) => partsOf(config.pooling, direction).map((part) => ({ memory, direction, part }))),
    );
  return blocks.flatMap((layer, block) =>
    layer.flatMap((parts) =>
      parts.map(({ memory, direction, part }, which) => ({
        memory,
        part,
        start: ((block + which) * layer.length + direction) * config.hidden_size,
      })),
    ),
  );
};

/** Writes pooled[place of the text, feature] from the states [layer][direction]. */
export const pool = (
  pooled: Float64Array,
  config: ModelConfig,
  memories: readonly (readonly Memory[])[],
  batch: Batch,
): void => {
  const size = pooledSize(config);
  for (const { part, memory, start } of placesOf(config, memories)) {
    for (let text = 0; text < batch.lengths.length; text += 1) {
      poolOne(pooled, text * size + start, part, memory, batch, text);
    }
  }
};

const poolOne = (pooled: Float64Array, at: number, part: Part, memory: Memory, batch: Batch, text: number): void => {
  const { units, hidden } = memory;
  const length = batch.lengths[text];
  for (let unit = 0; unit < units; unit += 1) {
    let result = hidden[(batch.offsets[part === "first" ? 0 : length - 1] + text) * units + unit];
    for (let step = 0; step < length - 1 && part !== "last" && part !== "first"; step += 1) {
      const value = hidden[(batch.offsets[step] + text) * units + unit];
      result = part === "max" ? Math.max(result, value) : result + value;
    }
    pooled[at + unit] = part === "mean" ? result / length : result;
  }
};

/** Sets the gradient of every state from `slopes`, that of the pooled vectors; 0 where a state is not pooled. */
export const unpool = (
  slopes: Float64Array,
  pooled: Float64Array,
  config: ModelConfig,
  memories: readonly (readonly Memory[])[],
  batch: Batch,
): void => {
  const size = pooledSize(config);
  for (const { hiddenSlopes, units } of memories.flat()) hiddenSlopes.fill(0, 0, batch.rows * units);
  for (const { part, memory, start } of placesOf(config, memories)) {
    for (let text = 0; text < batch.lengths.length; text += 1) {
      for (let unit = 0; unit < config.hidden_size; unit += 1) {
        const at = text * size + start + unit;
        addToStates(slopes[at], pooled[at], part, memory, batch, text, unit);
      }
    }
  }
};

const addToStates = (
  slope: number,
  pooled: number,
  part: Part,
  { units, hidden, hiddenSlopes }: Memory,
  { lengths, offsets }: Batch,
  text: number,
  unit: number,
): void => {
  const length = lengths[text];
  const rowAt = (step: number) => (offsets[step] + text) * units + unit;
  if (part === "last" || part === "first") {
    hiddenSlopes[rowAt(part === "first" ? 0 : length - 1)] += slope;
    return;
  }
  // States that are the largest share its gradient, as in PyTorch's amax; equal are those that are the same in float32.
  const largest = Math.fround(pooled);
  const counts = (step: number) => part !== "max" || Math.fround(hidden[rowAt(step)]) === largest;
  let sharing = 0;
  for (let step = 0; step < length && part !== "sum"; step += 1) sharing += counts(step) ? 1 : 0;
  if (part === "sum") sharing = 1;
  for (let step = 0; step < length; step += 1) if (counts(step)) hiddenSlopes[rowAt(step)] += slope / sharing;
};
