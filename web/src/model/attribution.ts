// What the view of attributions draws of an answer: one scale for all measures, and the sum of each one's parts.

import type { Attributions, Measure } from "../client/contract";
import { FINEST } from "./account";
import { sum } from "./numbers";

/** The largest part of any measure: the colours of all run as far. Next to nothing must not look like much. */
export const scaleOf = ({ measures }: Attributions): number =>
  Math.max(FINEST, ...measures.flatMap(({ parts }) => parts.map(Math.abs)));

/** What the words give together. */
export const sumOf = ({ parts }: Measure): number => sum(parts);
