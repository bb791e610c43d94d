// What padding does to the state of a text that was read padded: which units it moves most.

import type { Drift } from "../client/contract";
import { last } from "./numbers";

/** The most tokens that a text is filled up to. */
export const MOST_FILLED = 60;

/** A text and its padding, with those units alone that are shown. */
export interface Moved extends Drift {
  /** All units that were sent. */
  known: number[];
}

/** So many units, those first that the padding up to a length has moved most from where the text alone left them. */
export const mostMoved = (found: Drift, length: number, count: number): Moved => {
  const { units, states, alone } = found;
  const moved = states.map((values, place) => Math.abs(last(values.slice(0, length)) - alone.states[place]));
  const places = [...units.keys()].sort((one, other) => moved[other] - moved[one]).slice(0, count);
  const these = <T>(all: T[]): T[] => places.map((place) => all[place]);
  return {
    ...found,
    known: units,
    units: these(units),
    states: these(states),
    alone: { ...alone, states: these(alone.states) },
  };
};

/** Which text of a new batch is filled up: of a batch that is being changed the chosen one, else the shortest. */
export const chosenText = (texts: string[][], before: string[][], chosen: number): number => {
  const names = before.map((words) => words.join(" "));
  const changes = texts.length === before.length && texts.some((words) => names.includes(words.join(" ")));
  if (changes) return chosen;
  const lengths = texts.map((words) => words.length);
  return Math.max(0, lengths.indexOf(Math.min(...lengths)));
};
