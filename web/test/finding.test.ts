import { expect, test } from "vitest";
import type { Hit } from "../src/client/contract";
import { FULL } from "../src/model/base64";
import {
  FIND_SETTINGS,
  findFrom,
  findText,
  hitRows,
  leaningOf,
  nearest,
  placeOf,
  questionOf,
  stretchOf,
  unitsBeyond,
  wholeSigns,
} from "../src/model/finding";
import { unpackReading } from "../src/model/reading";
import { signsOf } from "../src/model/signs";
import { gru } from "./payloads";

/** A reading of one layer: hidden states by direction, token and unit. */
const reading = (hidden: number[][][]) => {
  const [directions, tokens, units] = [hidden.length, hidden[0].length, hidden[0][0].length];
  const numbers = Int16Array.from(hidden.flat(2).map((one) => Math.round(one * FULL)));
  const base = gru(
    hidden[0].map((_, t) => `w${t}`),
    hidden[0].map(() => 0),
    hidden[0].map(() => 0),
  );
  const signal = { ...base.signals[2], place: 0 };
  const data = Buffer.from(numbers.buffer).toString("base64");
  return unpackReading({ ...base, signals: [signal], shape: [1, 1, directions, tokens, units], data });
};
// Four words, three units: 0 is on at the words 1 and 2, 1 below at 0 to 2, 2 on one side and then on the other.
const STATES = [
  [0.1, -0.5, 0.6],
  [0.4, -0.6, 0.5],
  [0.5, -0.7, -0.5],
  [0.31, -0.2, 0],
];
const ON = { threshold: 0.3, before: false, after: false };

test("a unit is on in a stretch where it is beyond the threshold on one side at every word, the surest first", () => {
  expect(unitsBeyond(reading([STATES]), [1, 2], ON)).toEqual([
    { unit: 1, sign: -1, least: expect.closeTo(0.6, 3) },
    { unit: 0, sign: 1, least: expect.closeTo(0.4, 3) },
  ]);
  expect(unitsBeyond(reading([STATES]), [1, 2], { ...ON, threshold: 0.55 }).map(({ unit }) => unit)).toEqual([1]);
  expect(unitsBeyond(reading([STATES]), [0, 3], ON)).toEqual([]);
});

test("the conditions leave out what is on at the word before, or after; at the ends of a text nothing is on", () => {
  const units = (stretch: [number, number], part: object) =>
    unitsBeyond(reading([STATES]), stretch, { ...ON, ...part }).map(({ unit }) => unit);
  expect(units([1, 2], { before: true })).toEqual([0]);
  expect(units([1, 2], { after: true })).toEqual([1]);
  expect(units([1, 2], { before: true, after: true })).toEqual([]);
  expect(units([0, 0], { before: true })).toEqual([2, 1]);
  expect(units([3, 3], { after: true })).toEqual([0]);
});

test("units of the backward direction follow the forward ones", () => {
  const both = reading([STATES, STATES.map((row) => row.map((one) => -one))]);
  expect(unitsBeyond(both, [2, 2], { ...ON, threshold: 0.6 }).map(({ unit, sign }) => [unit, sign])).toEqual([
    [1, -1],
    [4, 1],
  ]);
  expect(placeOf(both, 4)).toEqual({ unit: 1, layer: 0, direction: 1 });
});

test("the stretch is what was chosen, the pinned word, the last change of mind with the word after, or the end", () => {
  const words = { tokens: ["a", "b", "c", "d"], turns: [false, false, true, false] };
  expect(stretchOf(words, [1, 3], 0)).toEqual([1, 3]);
  expect(stretchOf(words, null, 0)).toEqual([0, 0]);
  expect(stretchOf(words, null, null)).toEqual([2, 3]);
  expect(stretchOf({ ...words, turns: [false, true, false, false] }, null, null)).toEqual([1, 2]);
  expect(stretchOf({ ...words, turns: [false, false, false, true] }, null, null)).toEqual([2, 3]);
  expect(stretchOf({ ...words, turns: [false, false, false, false] }, null, null)).toEqual([2, 3]);
  expect(stretchOf({ tokens: ["a"], turns: [false] }, null, null)).toEqual([0, 0]);
});

test("a stretch of letters has whole signs", () => {
  const letters = [..."हिन्दी"];
  expect(wholeSigns([1, 1], signsOf(letters))).toEqual([0, 1]);
});

test("what is asked are the units that were not left out, in order, and how long the stretch is", () => {
  const beyond = unitsBeyond(reading([STATES]), [1, 2], ON);
  const settings = { ...FIND_SETTINGS, before: true, without: [7] };
  expect(questionOf("m", beyond, [1, 2], settings, 10)).toEqual({
    model: "m",
    units: [
      [0, 1],
      [1, -1],
    ],
    threshold: 0.3,
    length: 2,
    before: true,
    after: false,
    every: false,
    most: 10,
  });
  expect(questionOf("m", beyond, [1, 2], { ...settings, without: [0] }, 10).units).toEqual([[1, -1]]);
});

test("the index's own threshold that is nearest is taken", () => {
  expect(nearest([0.3, 0.5, 0.7], 0.45)).toBe(0.5);
  expect(nearest([], 0.45)).toBe(0.45);
});

test("the label that is told is the one whose share grows most, not the commonest", () => {
  const labels = [
    { label: "World", texts: 12, all: 80 },
    { label: "Sports", texts: 8, all: 20 },
  ];
  expect(leaningOf(labels)?.label).toBe("Sports");
  expect(leaningOf([])).toBeNull();
  expect(leaningOf(labels.map((one) => ({ ...one, texts: 0 })))).toBeNull();
});

const HIT: Hit = {
  text: 4,
  tokens: ["it", "is", "not", "good", "."],
  first: 3,
  more: false,
  start: 5,
  stop: 7,
  units: [3, 17],
  bits: 4.5,
  label: "negative",
  answer: "positive",
  probability: 0.75,
  whole: "now then it is not good .",
};

test("the hits are rows of a table, with the words of each stretch", () => {
  expect(hitRows({ hits: [HIT] }, " ")).toEqual([[4, 5, 7, "not good", "3 17", 2, 4.5, "negative", "positive", 0.75]]);
});

test("what is written into a link comes out of it, and nothing in a link is trusted", () => {
  const settings = { threshold: 0.5, before: true, after: false, every: true, without: [17, 3, 4] };
  expect(findText(settings)).toBe("0.5:be:3,4,17");
  expect(findFrom("0.5:be:3,4,17")).toEqual({ ...settings, without: [3, 4, 17] });
  expect(findFrom(null)).toBeUndefined();
  for (const odd of ["", "x", ":::::", "-1::-1", "1e9:zz:1-x", "NaN::9999999"])
    expect(findFrom(odd)).toEqual(FIND_SETTINGS);
  expect(findFrom("0.3::0-999999")?.without).toHaveLength(10_000);
  expect(findFrom("0.3::20000-999999")?.without).toEqual([]);
});
