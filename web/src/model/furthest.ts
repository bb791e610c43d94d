// How far two readings of one text are from each other, as their numbers are drawn.

import type { Reading } from "./reading";

/** Of two readings: their largest difference, as a share of the value where that is larger than 1. */
export const furthest = (one: Reading, other: Reading): number => {
  const far = (a: number, b: number) => Math.abs(a - b) / Math.max(1, Math.abs(b));
  let most = 0;
  for (const [t, shares] of one.verdicts.entries()) {
    for (const [label, share] of shares.entries()) most = Math.max(most, far(share, other.verdicts[t][label]));
  }
  for (const signal of one.signals) {
    const beside = other.signal(signal.name);
    for (let layer = 0; layer < one.layers; layer += 1)
      for (let direction = 0; direction < one.directions; direction += 1)
        for (let t = 0; t < one.tokens.length; t += 1)
          for (let unit = 0; unit < one.units; unit += 1)
            most = Math.max(
              most,
              far(one.value(signal, t, unit, layer, direction), other.value(beside, t, unit, layer, direction)),
            );
  }
  return most;
};
