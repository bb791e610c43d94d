// One training: what was asked, and all that the answers said, put together.

import type { TrainAnswer, TrainQuestion, TrainState } from "../client/types";

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

/** Whether a training is under way, or has yet to begin. */
export const isOpen = (run: Run | null): run is Run =>
  run !== null && (run.state === "starting" || run.state === "waiting" || run.state === "running");
