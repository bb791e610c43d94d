// What can be trained in the page: tasks, cells, limits, and learning rates that were tried.
//
// The numbers but for the time limit are those of rnnviz/page/offers.py, where they are explained; a test holds the two
// together.

import type { TrainStart } from "../../client/contract";
import type { CellKind, Offer, Offers, TaskOffer } from "../../client/types";
import { unknownName } from "../choices";
import { EngineError } from "../objection";
import { generate, TASKS, type Task, tokensOf } from "./tasks";

export const CELLS: readonly CellKind[] = ["rnn", "gru", "lstm"];
const MOST_UNITS = 64;
const [LEAST_RATE, MOST_RATE] = [1e-6, 10];
/** Texts to learn from, and to measure on. */
export const [TEXTS, HELD_OUT] = [4_000, 500];
/** Of the watched sentence. */
const MOST_WORDS = 60;
const MOST_CHARACTERS = 2_000;
/** How long a training may take: longer than on a server, since nobody else waits and a slow machine needs it. */
export const MOST_SECONDS = 180;
const SAMPLE_SEED = 1;
const MOST_SEED = 1_000_000;
const LARGEST_BIAS = 20;

/** What is asked of a training here, and besides, not of Python, the gates' first bias. */
export interface BrowserTrainStart extends TrainStart {
  forget_bias?: number;
}

/** What a visitor asked to be trained, checked; it goes to a worker as it is. */
export interface Wanted {
  task: Task;
  cell: CellKind;
  units: number;
  learningRate: number;
  length: number;
  /** The words of the sentence to watch. */
  watch: readonly string[];
  seed: number;
  forgetBias: number;
  /** The gradient does not go back over every so many words; 0 for never. */
  detach: number;
}

type TrainOffer = Offer & { forgetBias: number };

const offer = (
  rates: readonly [number, number, number],
  lengths: [number, number, number] | null = null,
  units = 16,
  forgetBias = 0,
): TrainOffer => {
  const [low, good, high] = rates;
  const length = lengths && { default: lengths[0], least: lengths[1], most: lengths[2] };
  return { rates: { low, good, high }, units, length, forgetBias };
};
const OFFERS: Record<Task, TrainOffer> = {
  recall: offer([1e-5, 0.003, 10], [60, 2, 60], 32, 4),
  brackets: offer([3e-5, 0.02, 5], [20, 2, 60]),
  parity: offer([3e-5, 0.03, 5], [5, 2, 20]),
  negation: offer([3e-5, 0.02, 5]),
  opinions: offer([3e-5, 0.01, 5]),
};
const OWN_FILE = offer([3e-5, 0.01, 5]);

/**
 * Checks what the page asks.
 *
 * @param tokenise Splits what a visitor typed into words.
 */
export const wanted = (question: BrowserTrainStart, tokenise: (text: string) => string[]): Wanted => {
  if (question.data) throw new EngineError("upload_lost");
  const task = oneOf("task", question.task, TASKS);
  const chosen = OFFERS[task];
  const cell = oneOf("cell", question.cell, CELLS);
  const { least, most, default: usual } = chosen.length ?? { least: 2, most: 2, default: 2 };
  const bias = cell === "rnn" ? 0 : chosen.forgetBias;
  const asked = {
    task,
    cell,
    units: Math.trunc(number("units", question.units, chosen.units, 1, MOST_UNITS)),
    learningRate: number("learning_rate", question.learning_rate, chosen.rates.good, LEAST_RATE, MOST_RATE),
    length: chosen.length ? Math.trunc(number("length", question.length, usual, least, most)) : usual,
    seed: Math.trunc(number("seed", question.seed, 0, 0, MOST_SEED)),
    forgetBias: number("forget_bias", question.forget_bias, bias, -LARGEST_BIAS, LARGEST_BIAS),
    detach: Math.trunc(number("detach", question.detach, 0, 0, MOST_WORDS)),
  };
  const watch = tokenise(typeof question.watch === "string" ? question.watch.slice(0, MOST_CHARACTERS) : "");
  if (watch.length > MOST_WORDS) throw new EngineError("text_long", { length: watch.length, limit: MOST_WORDS });
  return { ...asked, watch: watch.length ? watch : tokensOf(sample(task, asked.length)) };
};

const oneOf = <Name extends string>(kind: string, given: unknown, names: readonly Name[]): Name => {
  const found = names.find((name) => name === given);
  if (found === undefined)
    throw unknownName(kind, typeof given === "string" ? given.replace(/[^\0-\x7f]/gu, "?").slice(0, 40) : "", names);
  return found;
};

/** A number within its range; another one where none was sent. */
const number = (setting: string, given: unknown, otherwise: number, low: number, high: number): number => {
  const value = given === undefined ? otherwise : given;
  if (typeof value !== "number" || !(low <= value && value <= high)) {
    throw new EngineError("training_range", { setting, low, high });
  }
  return value;
};

const sample = (task: Task, length: number): string => generate(task, 2, length, SAMPLE_SEED).texts[0];

/** All that the page needs to know at load, in the form of Python's `offers`; no files of one's own. */
export const offers = (): Offers => ({
  allowed: true,
  own_files: false,
  tasks: TASKS.map((name): TaskOffer => {
    const length = OFFERS[name].length?.default ?? 2;
    return {
      name,
      ...shown(OFFERS[name]),
      classes: [...generate(name, 1, length, 0).classes],
      watch: sample(name, length),
    };
  }),
  file: shown(OWN_FILE),
  cells: [...CELLS],
  units: { least: 1, most: MOST_UNITS },
  learning_rate: { least: LEAST_RATE, most: MOST_RATE },
  seconds: MOST_SECONDS,
});

const shown = ({ rates, units, length }: TrainOffer): Offer => ({ rates, units, length });
