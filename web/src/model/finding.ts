// What the view Find asks and shows, without a page: the stretch of tokens, the units beyond a threshold in all of it,
// the settings in a link, and what the labels of the hits say.

import type { Find, FoundHits, Hit, LabelShare } from "../client/contract";
import type { Value } from "./csv";
import { counting } from "./numbers";
import type { Unit } from "./place";
import type { Reading } from "./reading";
import type { Sign } from "./signs";
import { rangesOf } from "./units";

/** The first and the last of some tokens. */
export type Stretch = readonly [first: number, last: number];

/** What is chosen in the view, besides the stretch itself. */
export interface FindSettings {
  /** A unit counts where its state is beyond this, up or down. */
  threshold: number;
  /** Whether it must not be so at the token before, and at the token after. */
  before: boolean;
  after: boolean;
  /** Whether one text may be found several times. */
  every: boolean;
  /** Units that are left out by hand. */
  without: readonly number[];
}
export const FIND_SETTINGS: FindSettings = { threshold: 0.3, before: false, after: false, every: false, without: [] };

/** The hits that are sent at first. */
export const FEW_HITS = 10;
export const MOST_HITS = 50;

// --- the stretch -----------------------------------------------------------------------------------------------------

type Words = Pick<Reading, "tokens" | "turns">;

/** The stretch that is searched for: what was chosen, the token that is pinned, else where the answer changed last. */
export const stretchOf = ({ tokens, turns }: Words, range: Stretch | null, pinned: number | null): Stretch => {
  if (range) return range;
  if (pinned !== null) return [pinned, pinned];
  const turn = turns.lastIndexOf(true);
  const end = Math.min(turn < 0 ? tokens.length : turn + 1, tokens.length - 1);
  return [Math.max(0, end - 1), end];
};

/** A stretch of letters with all letters of its first and its last sign: a vowel sign belongs to its consonant. */
export const wholeSigns = ([first, last]: Stretch, signs: readonly Sign[]): Stretch => {
  const around = (t: number): Sign => signs.find(([from, to]) => t >= from && t < to) ?? [t, t + 1];
  return [around(first)[0], around(last)[1] - 1];
};

// --- units -----------------------------------------------------------------------------------------------------------

/** A unit that is beyond the threshold in all of a stretch: on which side, and how far at least. */
export interface Beyond {
  unit: number;
  sign: 1 | -1;
  least: number;
}

type Numbers = Pick<Reading, "tokens" | "units" | "layers" | "directions" | "value" | "signal">;
export type Conditions = Pick<FindSettings, "threshold" | "before" | "after">;

/** The place of an index's unit: hidden states of the top layer, the backward units after the forward ones. */
export const placeOf = ({ units, layers }: Pick<Reading, "units" | "layers">, unit: number): Unit => ({
  unit: unit % units,
  layer: layers - 1,
  direction: Math.floor(unit / units),
});

/** The units that are on in all of a stretch: beyond the threshold on one side; and, if that is asked, not on at the token
 * before or after it. The surest come first. Where a text begins and ends, and beyond what is shown, no unit is on. */
export const unitsBeyond = (
  reading: Numbers,
  [first, last]: Stretch,
  { threshold, before, after }: Conditions,
): Beyond[] => {
  const hidden = reading.signal("hidden");
  const stretch = counting(last - first + 1).map((n) => first + n);
  const at = (t: number, index: number) => {
    const { unit, layer, direction } = placeOf(reading, index);
    return reading.value(hidden, t, unit, layer, direction);
  };
  const isOn = (t: number, unit: number, sign: 1 | -1) =>
    t >= 0 && t < reading.tokens.length && sign * at(t, unit) > threshold;
  const isFound = (unit: number, sign: 1 | -1) =>
    stretch.every((t) => isOn(t, unit, sign)) &&
    !(before && isOn(first - 1, unit, sign)) &&
    !(after && isOn(last + 1, unit, sign));
  const found = counting(reading.units * reading.directions).flatMap((unit): Beyond[] => {
    const sign = at(first, unit) < 0 ? -1 : 1;
    return isFound(unit, sign) ? [{ unit, sign, least: Math.min(...stretch.map((t) => Math.abs(at(t, unit)))) }] : [];
  });
  return found.sort((one, other) => other.least - one.least);
};

/** The threshold of some that comes next to one. */
export const nearest = (thresholds: readonly number[], wanted: number): number =>
  thresholds.reduce(
    (best, one) => (Math.abs(one - wanted) < Math.abs(best - wanted) ? one : best),
    thresholds[0] ?? wanted,
  );

/** The question for these units of a stretch, but for those that were left out. */
export const questionOf = (
  model: string,
  beyond: readonly Beyond[],
  [first, last]: Stretch,
  { without, threshold, before, after, every }: FindSettings,
  most: number,
): Find => ({
  model,
  units: beyond
    .filter(({ unit }) => !without.includes(unit))
    .map(({ unit, sign }): [number, 1 | -1] => [unit, sign])
    .sort(([one], [other]) => one - other),
  threshold,
  length: last - first + 1,
  before,
  after,
  every,
  most,
});

// --- what is found ---------------------------------------------------------------------------------------------------

/** The label whose share of the texts with a hit is furthest above its share of all texts. */
export const leaningOf = (labels: readonly LabelShare[]): LabelShare | null => {
  const [found, all] = totalsOf(labels);
  if (!found || !all) return null;
  const lead = (one: LabelShare) => one.texts / found - one.all / all;
  return labels.reduce((best, one) => (lead(one) > lead(best) ? one : best));
};
/** The texts with a hit, and all texts, as far as they have labels. */
export const totalsOf = (labels: readonly LabelShare[]): [found: number, all: number] => [
  labels.reduce((sum, one) => sum + one.texts, 0),
  labels.reduce((sum, one) => sum + one.all, 0),
];

/** The hits as rows of a table. */
export const HIT_COLUMNS = [
  "text",
  "start",
  "stop",
  "words",
  "units",
  "matched",
  "bits",
  "label",
  "answer",
  "probability",
];
export const hitRows = ({ hits }: Pick<FoundHits, "hits">, between: string): Value[][] =>
  hits.map((hit: Hit) => {
    const { text, tokens, first, start, stop, units, bits, label, answer, probability } = hit;
    const words = tokens.slice(start - first, stop - first).join(between);
    return [text, start, stop, words, units.join(" "), units.length, bits, label, answer, answer && probability];
  });

// --- a link ----------------------------------------------------------------------------------------------------------

const CONDITIONS = { b: "before", a: "after", e: "every" } as const;
const LONGEST = 10_000;
const MOST_UNIT = 9_999;

/** The settings as one part of a link: the threshold, a letter for each condition, the units that were left out. */
export const findText = (settings: FindSettings): string => {
  const letters = Object.entries(CONDITIONS).filter(([, name]) => settings[name]);
  const without = [...settings.without].sort((one, other) => one - other);
  return [settings.threshold, letters.map(([letter]) => letter).join(""), without.join(",")].join(":");
};
/** What of it makes sense; nothing in a link is trusted. */
export const findFrom = (text: string | null): FindSettings | undefined => {
  if (text === null) return undefined;
  const [threshold, letters = "", without = ""] = text.slice(0, LONGEST).split(":");
  const wanted = Number(threshold);
  const ranges = rangesOf(without) ?? [];
  const chosen = Object.entries(CONDITIONS).map(([letter, name]) => [name, letters.includes(letter)]);
  return {
    ...FIND_SETTINGS,
    ...Object.fromEntries(chosen),
    threshold: threshold !== "" && wanted >= 0 && wanted < 100 ? wanted : FIND_SETTINGS.threshold,
    without: ranges.flatMap(([one, other]) =>
      counting(Math.max(0, Math.min(other, MOST_UNIT) - one + 1)).map((n) => one + n),
    ),
  };
};
