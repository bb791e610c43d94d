// The curves of trainings: the axes of their values, and where the name of a line hides the fewest other lines.

import type { CurveRun } from "./run";

/** What is drawn over the texts that a network has learned from. */
export type Figure = "loss" | "accuracy";
export interface Point {
  x: number;
  y: number;
}
export interface Area {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** An axis of values, which begins at 0. */
export interface ValueAxis {
  /** Its upper end. */
  top: number;
  /** About how many ticks it has, besides 0. */
  ticks: number;
  /** What guessing among the classes gives; null if their number is unknown. */
  guess: number | null;
  /** The largest value of all curves; it may lie above the upper end. */
  most: number;
}

const LEAST_TOP = 0.5; // so that ticks are at least 0.1 apart
const TIMES = 2.5; // the loss of guessing: above so many of it, a line leaves the picture

const lossAxis = (runs: CurveRun[], classes: number): ValueAxis => {
  const most = Math.max(...runs.flatMap(({ curve }) => curve.loss));
  const guess = classes ? Math.log(classes) : null;
  const wanted = guess ? Math.min(most, TIMES * guess) : most;
  return { top: Math.max(LEAST_TOP, 1.15 * (guess ?? 0), wanted), ticks: 4, guess, most };
};
/** The axis for the curves of some runs; the number of classes is 0 if it is unknown. */
export const axisOf = (figure: Figure, runs: CurveRun[], classes: number): ValueAxis =>
  figure === "loss" ? lossAxis(runs, classes) : { top: 1, ticks: 2, guess: classes ? 1 / classes : null, most: 1 };

/** Whether the straight line from a point to the next one passes through an area. */
const crosses = (one: Point, next: Point, { left, right, top, bottom }: Area): boolean => {
  const [from, to] = [Math.max(one.x, left), Math.min(next.x, right)];
  const slope = next.x > one.x ? (next.y - one.y) / (next.x - one.x) : 0;
  const heights = [from, to].map((x) => one.y + slope * (x - one.x));
  return from <= to && Math.min(...heights) < bottom && Math.max(...heights) > top;
};
const crossings = (lines: Point[][], area: Area): number => {
  let count = 0;
  for (const line of lines)
    for (let n = 1; n < line.length; n += 1) count += Number(crosses(line[n - 1], line[n], area));
  return count;
};

/** Where the name of a line ends that runs at a height from left to right.
 *
 * It lies above or below the line, at its right end, in the middle or at its left end, but never below `foot`: where
 * the fewest of some other lines pass.
 */
export const namePlace = (
  wide: number,
  height: number,
  { left, right, foot }: { left: number; right: number; foot: number },
  lines: Point[][],
): Point => {
  const first = left + 4 + wide;
  const places = [right, (first + right) / 2, first]
    .flatMap((x) => [height - 7, height + 17].map((y) => ({ x, y })))
    .filter(({ y }) => y < foot);
  const counts = places.map(({ x, y }) =>
    crossings(lines, { left: x - wide - 4, right: x + 4, top: y - 14, bottom: y + 6 }),
  );
  return places[counts.indexOf(Math.min(...counts))];
};
