// One training: what was asked, all that the answers said, put together, and what follows from it.

import type { Curve, HeldOut } from "../client/contract";
import type { Offer, Offers, TrainAnswer, TrainQuestion, TrainState } from "../client/types";
import { last } from "./numbers";
import { isCut, RECALL } from "./truncation";

export interface Run {
  question: TrainQuestion;
  /** How many classes; 0 if that is unknown. */
  classes: number;
  state: "starting" | TrainState;
  ticket: string | null;
  answer: TrainAnswer;
  /** How many questions in a row got no answer. */
  misses: number;
}
/** A run of which the curve has begun. */
export type CurveRun = Run & { curve: Curve };

/** Whether a training is under way, or has yet to begin. */
export const isOpen = (run: Run | null): run is Run =>
  run !== null && (run.state === "starting" || run.state === "waiting" || run.state === "running");

/** Those of some runs of which the curve has begun. */
export const withCurves = (runs: Run[]): CurveRun[] =>
  runs.flatMap((run) => {
    const { curve } = run.answer;
    return curve?.loss.length ? [{ ...run, curve }] : [];
  });

const textsOf = ({ task, data, length, seed = 0 }: TrainQuestion) => JSON.stringify([task, data, length, seed]);
/** Whether two trainings learn from the same texts, so that one picture may show their curves. */
export const sameTexts = (one: Run, other: Run): boolean => textsOf(one.question) === textsOf(other.question);

/** What a task offers, and without one what a file of one's own does. */
export const offerOf = (offers: Offers, task?: string | null): Offer =>
  offers.tasks.find(({ name }) => name === task) ?? offers.file;

/** What to do after a network has learned nothing, as the key of a sentence. */
export type Advice =
  | "train_by_heart"
  | "train_nothing"
  | "train_nothing_cut"
  | "train_leaked"
  | "train_nothing_plain"
  | "train_nothing_high"
  | "train_nothing_low";

const SIGMAS = 3;
/** Whether chance is hardly the reason why so many answers are right. */
const isBetterThanChance = ({ accuracy, chance, texts }: HeldOut): boolean =>
  accuracy === 1 || accuracy > chance + SIGMAS * Math.sqrt((chance * (1 - chance)) / texts);

/** Advice on a run, if its network is no better than chance on the texts set aside; or what else is to be explained.
 *
 * In recall, where the gradient is cut before it reaches the first word, nothing better is to be expected; and what is
 * better comes from first weights that keep the letter without having learned to. Else the network has learned its own
 * texts by heart, if it is right on most of those that chance gets wrong; or it was given the wrong rate, has no gates,
 * or is too small. A training that was stopped or ran out of time gets no advice: it might have learned later.
 */
export const adviceOf = (run: Run, goodRate: number): Advice | null => {
  const { question, state, answer } = run;
  const { held_out: kept, cut } = answer;
  if (state !== "done" || cut || !kept) return null;
  const isBetter = isBetterThanChance(kept);
  if (question.task === RECALL && isCut(question)) return isBetter ? "train_leaked" : "train_nothing_cut";
  return isBetter ? null : adviceOnNothing(run, kept, goodRate);
};

const adviceOnNothing = ({ question, answer: { curve } }: Run, kept: HeldOut, goodRate: number): Advice => {
  const right = curve?.accuracy.length ? last(curve.accuracy) : 0;
  if (right > (1 + kept.chance) / 2) return "train_by_heart";
  if (question.learning_rate === goodRate) return question.cell === "rnn" ? "train_nothing_plain" : "train_nothing";
  return question.learning_rate > goodRate ? "train_nothing_high" : "train_nothing_low";
};
