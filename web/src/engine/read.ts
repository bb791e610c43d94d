// A person's sentence in, a Trace out: text → tokens → ids → recurrent layers with every signal → answers.

import type { Checkpoint } from "./checkpoint";
import { readoutAt } from "./head";
import { PADDING_ID, UNKNOWN_ID } from "./network";
import { answer, type Pool, pooledOf, poolOf, takeWord } from "./pooling";
import { poolPrefixes } from "./prefixes";
import { isBlank, PADDING } from "./tokens";
import type { Trace } from "./trace";
import { type Holds, type Walked, walk } from "./walk";

export interface Encoded {
  tokens: string[];
  ids: number[];
  unknown: boolean[];
}

/** The tokens of a text. White space alone has none where classes are told apart: there is nothing to tell. */
export const tokensOf = ({ vocabulary, task }: Checkpoint, text: string): string[] => {
  const tokens = vocabulary.tokenise(text);
  return task === "classify" && isBlank(tokens.join("")) ? [] : tokens;
};

/** A text as the network reads it, filled up to `padTo` tokens where that is more than it has. */
export const encode = (checkpoint: Checkpoint, text: string, padTo = 0): Encoded => {
  const tokens = checkpoint.vocabulary.tokenise(text);
  const ids = checkpoint.vocabulary.ids(tokens);
  const unknown = ids.map((id) => id === UNKNOWN_ID);
  const filling = checkpoint.config.reading === "padded" ? UNKNOWN_ID : PADDING_ID;
  while (tokens.length < padTo) {
    tokens.push(PADDING);
    ids.push(filling);
    unknown.push(false);
  }
  return { tokens, ids, unknown };
};

/** Read a text that has a word, some signals held meanwhile. */
export const read = (checkpoint: Checkpoint, text: string, padTo = 0): Trace =>
  readEncoded(checkpoint, encode(checkpoint, text, padTo));

export const readEncoded = (checkpoint: Checkpoint, { tokens, ids, unknown }: Encoded, holds: Holds = []): Trace => {
  const walked = walk(checkpoint, ids, holds);
  const pool = poolOf(1, checkpoint.config);
  const verdicts = verdictsOf(checkpoint, walked, ids, holds, pool);
  return {
    cell: checkpoint.config.cell,
    tokens,
    reads: checkpoint.vocabulary.tokens,
    unknown,
    labels: checkpoint.labels,
    layers: checkpoint.layers.length,
    directions: checkpoint.layers[0].length,
    units: checkpoint.config.hidden_size,
    signals: walked.signals,
    verdicts,
    inputs: checkpoint.words.inputs(ids),
    readout: readoutAt(pooledOf(pool, 0, ids.length), checkpoint.head),
    starts: checkpoint.starts,
  };
};

/** The answers had the text ended at each token; at the end the pool has the states of the whole text. */
const verdictsOf = (
  checkpoint: Checkpoint,
  walked: Walked,
  ids: readonly number[],
  holds: Holds,
  pool: Pool,
): Float32Array => {
  const { head } = checkpoint;
  const { classes, bidirectional } = checkpoint.config;
  const tokens = ids.length;
  const verdicts = new Float32Array(tokens * classes);
  for (let t = 0; t < tokens; t += 1) {
    takeWord(pool, walked.hidden, t, bidirectional ? tokens : t + 1);
    if (!bidirectional) answer(pool, 0, t + 1, head, verdicts, t * classes);
  }
  if (!bidirectional) return verdicts; // a state does not depend on what follows
  answer(pool, 0, tokens, head, verdicts, (tokens - 1) * classes);
  answerBeginnings(checkpoint, walked, ids, holds, verdicts);
  return verdicts;
};

/** The answers of a network that reads both ways after each token but the last. */
const answerBeginnings = (
  checkpoint: Checkpoint,
  walked: Walked,
  ids: readonly number[],
  holds: Holds,
  verdicts: Float32Array,
): void => {
  const { head, answers } = checkpoint;
  const { classes } = checkpoint.config;
  const to = ids.length - 1;
  const free = freeWords(holds, ids.length);
  const from = answers.copy(ids.slice(0, Math.min(free, to)), verdicts, classes);
  const pool = poolPrefixes(checkpoint, walked, { from, to }, holds);
  for (let n = from; n < to; n += 1) answer(pool, n - from, n + 1, head, verdicts, n * classes);
  if (free === ids.length) answers.keep(ids, verdicts);
};

/** How many words there are before the first at which something is held. */
const freeWords = (holds: Holds, tokens: number): number => {
  const first = holds.map((rows) => rows.findIndex((held) => held !== null)).filter((token) => token >= 0);
  return Math.min(tokens, ...first);
};
