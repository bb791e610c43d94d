// Signals that gate surgery holds at a value.

import type { Answers, Hold } from "../client/contract";
import { argmax } from "./numbers";
import { sameBlock, type Unit } from "./place";
import type { TypedReading } from "./reading";
import { hasUnit, rangesText } from "./units";

/** Whether two holds are of the same signal, units and words. */
export const sameHold = (one: Hold, other: Hold): boolean =>
  one.signal === other.signal &&
  sameBlock(one, other) &&
  rangesText(one.units) === rangesText(other.units) &&
  one.tokens.join() === other.tokens.join();

/** Whether a hold is of a unit's signal at a word of the whole text. */
export const covers = (hold: Hold, name: string, token: number, unit: Unit): boolean =>
  hold.signal === name &&
  sameBlock(hold, unit) &&
  hasUnit(hold.units, unit.unit) &&
  hold.tokens[0] <= token &&
  token <= hold.tokens[1];

/** The probability of the answer while nothing is held and now. */
interface Change {
  before: number;
  after: number;
}
const LEAST = 0.005;

/** How the answer has changed in the end, and where it has changed most, if that is elsewhere and to be seen. */
export const changeOfHolds = (
  { verdicts, final, answer, start, read }: TypedReading,
  ghost: Answers,
): { end: Change; most: (Change & { token: number }) | null } => {
  const changes = verdicts.map((shares, t) => ({ token: t, before: ghost.verdicts[t][answer], after: shares[answer] }));
  const sizes = changes.map(({ before, after }) => Math.abs(after - before));
  const most = argmax(sizes);
  const isElsewhere = sizes[most] >= LEAST && start + most < read - 1;
  return { end: { before: ghost.answer[answer], after: final[answer] }, most: isElsewhere ? changes[most] : null };
};
