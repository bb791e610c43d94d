import { expect, test } from "vitest";
import { Comparison, isWhole, type Pair } from "../src/model/comparison";
import { NOWHERE, type Place } from "../src/model/place";
import { gru } from "./payloads";

const one = gru(["so", "good"], [0, 0], [0.5, 0.5], {
  verdicts: [
    [0.5, 0.5],
    [0.2, 0.8],
  ],
});
const other = gru(["so", "not", "good"], [0, 0, 0], [0.5, 0, -1], {
  verdicts: [
    [0.5, 0.5],
    [0.9, 0.1],
    [0.7, 0.3],
  ],
});
const pairs: Pair[] = [
  [0, 0],
  [null, 1],
  [1, 2],
];
// Pages are light here: colours ask for it.
globalThis.document ??= { body: { classList: { contains: () => false } } } as unknown as Document;
const found = new Comparison({ one, other, pairs });

test("answers part where both sides have a word and differ most", () => {
  expect(found.apart).toMatchObject({ column: 2, label: 1 });
  expect(found.apart?.size).toBeCloseTo(0.5);
  expect(found.change([1, 2])).toBeCloseTo(-0.5);
  expect(found.change([null, 1])).toBeNull();
});

test("where one side has no word there is no difference", () => {
  const place = { layer: 0, direction: 0 };
  expect(found.values(1, 0, "hidden", place)[0]).toBeNull();
  expect(found.difference(1, 0, "hidden", place)).toBeNull();
  expect(found.difference(2, 0, "hidden", place)).toBeCloseTo(-1.5, 3);
  expect(found.furthest([0], "hidden", place)).toBeCloseTo(1.5, 3);
  expect(found.unitsApart("hidden", place, 4)).toEqual([0]);
});

test("a pinned unit is shown beside those that differ most, in its own layer and direction alone", () => {
  const place = { layer: 0, direction: 0 };
  const unitsOf = (pinned: Place) => found.groupsOf("hidden", [place], 0, pinned)[0].units;
  expect(unitsOf({ token: null, unit: 0, ...place })).toEqual([0]);
  expect(unitsOf({ token: null, unit: 0, layer: 1, direction: 0 })).toEqual([]);
  expect(unitsOf({ token: null, unit: 5, ...place })).toEqual([]); // there is one unit
  expect(found.groupsOf("hidden", [place], 4, NOWHERE)).toEqual([{ place, most: [0], units: [0] }]);
});

test("layers, directions and signals are those that A has", () => {
  const blocks = [
    { layer: 1, direction: 0 },
    { layer: 0, direction: 0 },
    { layer: 0, direction: 1 },
  ];
  expect(found.within(blocks)).toEqual([{ layer: 0, direction: 0 }]);
  expect([found.signalOf("update").name, found.signalOf("forget").name]).toEqual(["update", "hidden"]);
});

test("the first pair that differs is found, and named by its word", () => {
  expect(found.first).toEqual([null, 1]);
  expect(pairs.map((pair) => found.word(pair))).toEqual(["so", "not", "good"]);
  expect(pairs.map(isWhole)).toEqual([true, false, true]);
});

test("readings with other classes have no parting, and keep their own colours", () => {
  const stranger = { ...other, labels: ["sad", "glad"] };
  expect(new Comparison({ one, other: stranger, pairs }).apart).toBeNull();
});
