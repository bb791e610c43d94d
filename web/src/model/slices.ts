// What the view Slices asks and shows, without a page: conditions as the command line has them, what each of them says,
// and what can be told of a set of texts.

import type { SliceCount } from "../client/contract";
import type { Value } from "./csv";

/** All texts, which is what is shown at first. */
export const EVERY = "all";
export const MOST_CONDITIONS = 400; // characters, as the server takes them

/** Between two conditions; the name of a class may have the sign in it, too. As rnnviz/corpus/slices.py has it. */
const AND = / +& +(?=(?:word|length|class|answer|unit)=|(?:all|right|wrong|disagree) *(?:&|$))/;
const JUDGED = ["right", "wrong"];

/** The conditions of a set, one by one. */
export const conditionsOf = (set: string): string[] => set.trim().split(AND);

/** A condition as what it is about and what it says of that, such as class and World. */
export const partsOf = (condition: string): [kind: string, value: string] => {
  const at = condition.indexOf("=");
  return at < 0 ? [condition, ""] : [condition.slice(0, at), condition.slice(at + 1)];
};
/** The first and the last of a condition about lengths; null where it is left out. */
export const endsOf = (value: string): [least: number | null, most: number | null] => {
  const ends = value.split("..").map((end) => (end === "" ? null : Number(end)));
  return [ends[0], ends[ends.length - 1]];
};

/** Of what a text can be only one: two such conditions hold for no text. */
const single = (condition: string): string | null => {
  const [kind] = partsOf(condition);
  if (JUDGED.includes(kind)) return "judged";
  return ["length", "class", "answer"].includes(kind) ? kind : null;
};

/** A set with one condition more, in the place of one that it cannot hold beside; or, if it is there, without it. */
export const toggled = (set: string, condition: string): string => {
  const others = conditionsOf(set).filter((one) => one !== EVERY && one !== "");
  const kind = single(condition);
  const kept = others.filter((one) => one !== condition && (kind === null || single(one) !== kind));
  if (!others.includes(condition)) kept.push(condition);
  return kept.join(" & ") || EVERY;
};

/** Whether a set is of right or of wrong answers alone, so that its share of right ones says nothing. */
export const isJudged = (set: string): boolean => conditionsOf(set).some((one) => JUDGED.includes(one));

/** The shortest of some sets by length, and the longest. */
const lengthsOf = (names: string[]): string[] => {
  const least = (name: string) => endsOf(partsOf(name)[1])[0] ?? 0;
  const sorted = names.filter((name) => partsOf(name)[0] === "length").sort((one, other) => least(one) - least(other));
  return sorted.length > 1 ? [sorted[0], sorted[sorted.length - 1]] : [];
};
const MOST_CLASSES = 12;
/** The conditions that are offered: of an index whose sets are counted, and of what is chosen on the page. */
export const offeredOf = (counted: readonly SliceCount[], chosen: string[]): string[] => {
  const names = counted.map(({ name }) => name);
  const of = (kind: string) => names.filter((name) => partsOf(name)[0] === kind).sort();
  const isLabelled = counted.some(({ labelled }) => labelled > 0);
  const judged = isLabelled ? JUDGED : [];
  const all = [...judged, ...of("class").slice(0, MOST_CLASSES), ...lengthsOf(names), ...of("word"), ...chosen];
  return [...new Set(all)];
};

/** Whether the share of right answers in a set may be that of all texts: it lies in the set's interval. */
export const maybeChance = ({ low, high }: SliceCount, all: SliceCount): boolean => {
  const share = all.right / all.labelled;
  return low <= share && share <= high;
};

export const SLICE_COLUMNS = ["slice", "texts", "labelled", "right", "accuracy", "low", "high"];
/** Sets as rows of a table. */
export const sliceRows = (slices: readonly SliceCount[]): Value[][] =>
  slices.map(({ name, texts, labelled, right, low, high }) =>
    labelled
      ? [name, texts, labelled, right, right / labelled, low, high]
      : [name, texts, labelled, right, null, null, null],
  );
