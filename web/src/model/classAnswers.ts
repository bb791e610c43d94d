// What a class is asked, which answers there are, and which are right: numbers of the reading that is shown.

import { accountOfUnit } from "./account";
import type { Unit } from "./place";
import type { Reading } from "./reading";

/** Where the answer turns; which word raises it most; which unit remembers longest; what padding does. */
export const ASKINGS = ["turn", "raised", "memory", "padding"] as const;
export type Asking = (typeof ASKINGS)[number];
export const isAsking = (name: string | null): name is Asking => ASKINGS.some((one) => one === name);

/** An answer, as it is counted: none of the words or units, or that the answer stays; a word, or a unit, by its place. */
export const NONE = 0;
export const CHANGES = 1;
export const wordAnswer = (t: number): number => t + 1;
export const wordOf = (choice: number): number => choice - 1;

type Shape = Pick<Reading, "directions" | "units">;

export const unitAnswer = ({ unit, layer, direction }: Unit, { directions, units }: Shape): number =>
  1 + (layer * directions + direction) * units + unit;
export const unitOfAnswer = (choice: number, { directions, units }: Shape): Unit => {
  const block = Math.floor((choice - 1) / units);
  return { unit: (choice - 1) % units, layer: Math.floor(block / directions), direction: block % directions };
};

/** A share that moves by less moves hardly at all. */
const LEAST_MOVE = 0.1;
/** Half of one per cent: a share below it is written as 0 %. */
const LEAST_SHARE = 0.005;
/** The shares come with four digits, so a rise may be that much off. */
const ROUNDING = 1.5e-4;

type Answers = Pick<Reading, "turns" | "verdicts" | "answer">;

/** The words at which the answer turns. */
export const turnsOf = ({ turns }: Pick<Answers, "turns">): number[] => turns.flatMap((turn, t) => (turn ? [t] : []));

/** The class that gains most at a word, and how much. */
export const gainAt = ({ verdicts }: Pick<Answers, "verdicts">, t: number): { place: number; by: number } => {
  const gains = verdicts[t].map((share, place) => (t ? share - verdicts[t - 1][place] : 0));
  const by = Math.max(...gains);
  return { place: gains.indexOf(by), by };
};
/** The word at which the answer moves most, whether it turns there or not; null where it hardly moves at all. */
export const largestMove = (reading: Pick<Answers, "verdicts">): number | null => {
  const moves = reading.verdicts.map((_, t) => gainAt(reading, t).by);
  const most = Math.max(...moves);
  return most < LEAST_MOVE ? null : moves.indexOf(most);
};

/** The words, from the second on, at which the share of the last answer rises most; none where it hardly rises. */
export const raisers = ({ verdicts, answer }: Pick<Answers, "verdicts" | "answer">): number[] => {
  const rises = verdicts.map((shares, t) => (t ? shares[answer] - verdicts[t - 1][answer] : 0));
  const most = Math.max(...rises);
  if (most < LEAST_SHARE) return [];
  return rises.flatMap((rise, t) => (rise >= most - ROUNDING ? [t] : []));
};

/** What a unit's gates have left, at the end of its way, of what it wrote at the first word that it read: 0 to 1. */
export const keptOf = (reading: Reading, unit: Unit): number => {
  const [first, end] = waysEnds(reading, unit.direction);
  return accountOfUnit(reading, unit, end).rows[first].share;
};
/** The first and the last word that a direction reads. */
export const waysEnds = ({ tokens }: Pick<Reading, "tokens">, direction: number): [number, number] =>
  direction === 0 ? [0, tokens.length - 1] : [tokens.length - 1, 0];

/** Of some units those that keep most of the first word, as far as whole per cents tell; none where all keep 0 %. */
export const keepers = (reading: Reading, units: Unit[]): Unit[] => {
  const percents = units.map((unit) => Math.round(100 * keptOf(reading, unit)));
  const most = Math.max(...percents);
  return most ? units.filter((_, place) => percents[place] === most) : [];
};

/** How often each answer was given. */
export type Given = ReadonlyMap<number, number>;

/** More answers than this are listed only as far as somebody gave them. */
const MOST_LISTED = 20;

/** What a histogram lists: all answers that there are, if they are few, else those that were given. */
export const listed = (choices: number[], given: Given): number[] => {
  const strange = [...given.keys()].filter((choice) => !choices.includes(choice)).sort((one, other) => one - other);
  return [...(choices.length > MOST_LISTED ? choices.filter((choice) => given.has(choice)) : choices), ...strange];
};
