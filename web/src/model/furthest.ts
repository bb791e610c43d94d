// How far two readings of one text are from each other, as their numbers are drawn.

import { FULL, numbersOf } from "./base64";
import type { Reading } from "./reading";

const far = (one: number, other: number): number => Math.abs(one - other) / Math.max(1, Math.abs(other));

/** Of two readings: their largest difference, as a share of the value where that is larger than 1. */
export const furthest = (one: Reading, other: Reading): number => {
  const answers = one.verdicts.flatMap((shares, t) =>
    shares.map((share, label) => far(share, other.verdicts[t][label])),
  );
  const [numbers, beside] = [numbersOf(one.data), numbersOf(other.data)];
  const count = numbers.length / one.signals.length;
  let most = Math.max(...answers);
  numbers.forEach((number, place) => {
    const signal = Math.floor(place / count);
    const [own, others] = [one.signals[signal].scale, other.signals[signal].scale];
    most = Math.max(most, far((number * own) / FULL, (beside[place] * others) / FULL));
  });
  return most;
};
