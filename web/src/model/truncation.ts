// The truncation laboratory: how many answers are right by the length of the texts and the words between two cuts.

import type { TrainQuestion } from "../client/types";
import type { Run } from "./run";

/** What a training that went to its end came to. */
export interface Measured {
  question: TrainQuestion;
  right: number;
}
/** A training that can be started: texts of so many words, the gradient cut before every so many of them, 0 for never. */
export interface LabChoice {
  length: number;
  detach: number;
  /** The first one from which it has not been trained yet. */
  seed: number;
}
export interface LabCell extends LabChoice {
  /** Whether no cut lies between the first word and the answer. */
  reaches: boolean;
  /** The shares of right answers so far, from the lowest to the highest. */
  rights: number[];
}

/** The only task of which all that is to be known stands at the first word. */
export const RECALL = "recall";
const LENGTHS = [10, 20, 40, 60];
const CUTS = [0, 5, 10, 20, 40];

/** The word from which on the gradient reaches the answer, from 0: cuts stand before words `detach`, 2 · `detach` … */
export const firstReached = (length: number, detach: number): number =>
  detach > 0 ? Math.floor((length - 1) / detach) * detach : 0;

/** Whether a cut keeps the gradient from the first word of a text. */
export const isCut = ({ length, detach }: Pick<TrainQuestion, "length" | "detach">): boolean =>
  firstReached(length ?? 0, detach ?? 0) > 0;

/** What an ended training has measured; null where it was stopped, failed or was cut short. */
export const measuredOf = ({ question, state, answer: { cut, held_out: kept } }: Run): Measured | null =>
  state === "done" && !cut && kept ? { question, right: kept.accuracy } : null;

/** All that decides about a training but its texts' length, its cuts and its seed. */
const kindOf = ({ cell, units, learning_rate, forget_bias }: TrainQuestion) =>
  JSON.stringify([cell, units, learning_rate, forget_bias]);
const sorted = (numbers: number[]) => [...new Set(numbers)].sort((one, other) => one - other);

/** The table for the network that is chosen: a row a length, in it a cell for each distance of cuts. */
export const labRows = (measured: readonly Measured[], chosen: TrainQuestion): LabCell[][] => {
  const own = measured.filter(({ question }) => question.task === RECALL && kindOf(question) === kindOf(chosen));
  const lengths = sorted([...LENGTHS, ...own.map(({ question }) => question.length ?? 0)]);
  const cuts = sorted([...CUTS, ...own.map(({ question }) => question.detach ?? 0)]);
  return lengths.map((length) => cuts.map((detach) => cellOf(own, length, detach)));
};

const cellOf = (measured: readonly Measured[], length: number, detach: number): LabCell => {
  const here = measured.filter(({ question }) => question.length === length && (question.detach ?? 0) === detach);
  const bySeed = new Map(here.map(({ question, right }) => [question.seed ?? 0, right]));
  let seed = 0;
  while (bySeed.has(seed)) seed += 1;
  const rights = [...bySeed.values()].sort((one, other) => one - other);
  return { length, detach, seed, reaches: !isCut({ length, detach }), rights };
};
