// What the view of attributions draws of an answer: the scales of the colours, the sum of each measure's parts, and whether
// they add up.

import type { Attributions, Measure } from "../client/contract";
import { FINEST } from "./account";
import { sum } from "./numbers";

/** Of two measures on one scale, the smaller may reach this much less far, or it would be almost white. */
const ALIKE = 5;

/** How far the colours of each measure reach: as far as those of all, or where that is too far, to its largest part.
 *
 * Next to nothing must not look like much.
 */
export const scalesOf = ({ measures }: Attributions): number[] => {
  const own = measures.map(({ parts }) => Math.max(FINEST, ...parts.map(Math.abs)));
  const [least, most] = [Math.min(...own), Math.max(...own)];
  return most > ALIKE * least ? own : own.map(() => most);
};

/** What the words give together. */
export const sumOf = ({ parts }: Measure): number => sum(parts);

/** Whether a sum over steps is so far from its integral that its parts say nothing. */
export const isAstray = ({ method, residual }: Measure, score: number): boolean =>
  method === "integrated_gradients" && Math.abs(residual) > 0.01 + 0.05 * Math.abs(score);
