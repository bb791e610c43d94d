// The plane of the view Projection, without a page: where the states of a reading lie in it, what is near, and which step
// is the widest.

import type { Plane, Project } from "../client/contract";
import { argmax, counting, sum } from "./numbers";
import type { Reading } from "./reading";

/** Coordinates in the plane. */
export type Point = readonly [across: number, up: number];
type Numbers = Pick<Reading, "tokens" | "units" | "layers" | "directions" | "value" | "signal" | "before">;
type Axes = Pick<Plane, "axes" | "offsets">;

/** One shape a colour, in turn: a disc, a square, a triangle, a diamond. */
export const SHAPES = [
  "M-2.6 0a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0-5.2 0Z",
  "M-2.4-2.4h4.8v4.8h-4.8Z",
  "M0-3.2L3 2.2h-6Z",
  "M0-3.4L3.4 0 0 3.4-3.4 0Z",
];

/** What to ask for: of two answers the lead of the second, whatever is answered; of more, that of the present one. */
export const planeAsked = ({ model, labels, answer }: Pick<Reading, "model" | "labels" | "answer">): Project => ({
  model,
  answer: labels.length === 2 ? 1 : answer,
});

/** Where the states of a reading lie, word by word: hidden states of the top layer, backward units after forward ones. */
export const pathOf = (reading: Numbers, plane: Axes): Point[] => {
  const hidden = reading.signal("hidden");
  return counting(reading.tokens.length).map((t) =>
    placed(reading, plane, (unit, direction) => reading.value(hidden, t, unit, reading.layers - 1, direction)),
  );
};
/** Where the path begins, before the first word; null where that is not known, or where there is no such place. */
export const beginning = (reading: Numbers, plane: Axes): Point | null => {
  const hidden = reading.signal("hidden");
  if (reading.directions > 1) return null;
  const before = (unit: number) => reading.before(hidden, 0, unit, reading.layers - 1, 0);
  return before(0) === undefined ? null : placed(reading, plane, (unit) => before(unit) ?? 0);
};
const placed = (
  { units, directions }: Numbers,
  { axes, offsets }: Axes,
  state: (unit: number, direction: number) => number,
): Point => {
  const values = counting(units * directions).map((place) => state(place % units, Math.floor(place / units)));
  const along = (axis: number) => offsets[axis] + sum(values.map((value, unit) => value * axes[axis][unit]));
  return [along(0), along(1)];
};

/** The word at which a path goes furthest from the word before: along the first axis alone, or in the plane. */
export const widestStep = (path: readonly Point[], isAlong: boolean): number | null => {
  if (path.length < 2) return null;
  const far = (one: Point, other: Point) =>
    isAlong ? Math.abs(other[0] - one[0]) : Math.hypot(other[0] - one[0], other[1] - one[1]);
  return 1 + argmax(path.slice(1).map((point, t) => far(path[t], point)));
};

/** The ends of a scale that holds all of these numbers, with some room. */
export const domainOf = (values: readonly number[]): [low: number, high: number] => {
  const [low, high] = values.reduce(
    ([least, most], one) => [Math.min(least, one), Math.max(most, one)],
    [values[0], values[0]],
  );
  const room = 0.05 * (high - low) || 1;
  return [low - room, high + room];
};

/** Which points are nearest to a place, at most so many and so far away, the nearest first. */
export const nearestOf = (points: readonly Point[], [x, y]: Point, most: number, limit = Number.POSITIVE_INFINITY) =>
  points
    .map(([left, top], place) => ({ place, far: Math.hypot(left - x, top - y) }))
    .filter(({ far }) => far <= limit)
    .sort((one, other) => one.far - other.far)
    .slice(0, most)
    .map(({ place }) => place);
