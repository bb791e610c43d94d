// Units as ranges, in ascending order: as holds have them, as links and programs write them, and as a reader types them.

import type { Hold } from "../client/contract";

export type Ranges = Hold["units"];

/** All units of a layer. */
export const allUnits = (count: number): Ranges => [[0, count - 1]];
export const hasUnit = (ranges: Ranges, unit: number): boolean =>
  ranges.some(([first, last]) => first <= unit && unit <= last);
export const coversAll = (ranges: Ranges, count: number): boolean =>
  ranges.length === 1 && ranges[0][0] === 0 && ranges[0][1] === count - 1;
/** The unit, where there is only one. */
export const onlyUnit = ([[first, last], ...others]: Ranges): number | null =>
  first === last && !others.length ? first : null;

/** As a link has them: 0-15,20. */
export const rangesText = (ranges: Ranges, dash = "-", comma = ","): string =>
  ranges.map(([first, last]) => (first === last ? String(first) : `${first}${dash}${last}`)).join(comma);

/** No list of units that a person types or a link has is longer. */
const LONGEST = 10_000;

/** The units that a text such as "0-15, 20" names, in order and none twice; null for any other text. */
export const rangesOf = (text: string): Ranges | null => {
  if (text.length > LONGEST) return null;
  const parts = text
    .replace(/\s+/g, " ")
    .replace(/ ?[-–] ?/g, "-")
    .split(/[,; ]+/)
    .filter(Boolean);
  const found = parts.map((part) => /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part));
  const ranges: Ranges = [];
  for (const match of found) {
    if (!match) return null;
    const ends = [Number(match[1]), Number(match[2] ?? match[1])];
    ranges.push([Math.min(...ends), Math.max(...ends)]);
  }
  return ranges.length ? joined(ranges) : null;
};

/** In ascending order, and as few as can be. */
const joined = (ranges: Ranges): Ranges => {
  const made: Ranges = [];
  for (const [first, last] of [...ranges].sort(([one], [other]) => one - other)) {
    const before = made.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else made.push([first, last]);
  }
  return made;
};
