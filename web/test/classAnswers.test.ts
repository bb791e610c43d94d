import { expect, test } from "vitest";
import {
  isAsking,
  keepers,
  keptOf,
  largestMove,
  listed,
  NONE,
  raisers,
  unitAnswer,
  unitOfAnswer,
  wordAnswer,
  wordOf,
} from "../src/model/classAnswers";
import { unpackReading } from "../src/model/reading";
import { gru } from "./payloads";

const shares = (...good: number[]) => good.map((share) => [1 - share, share]);
const UNIT = { unit: 0, layer: 0, direction: 0 };

test("the word that raises the last answer most is found from the second word on", () => {
  expect(raisers({ verdicts: shares(0.9, 0.2, 0.5, 0.8, 0.7), answer: 1 })).toEqual([2, 3]); // 0.3 each
  expect(raisers({ verdicts: shares(0.9, 0.2, 0.5, 0.9, 0.7), answer: 1 })).toEqual([3]);
  expect(raisers({ verdicts: shares(0.9, 0.2, 0.5, 0.9, 0.3), answer: 0 })).toEqual([1]); // of the other class
});

test("where the last answer never rises by half a per cent, no word raised it", () => {
  expect(raisers({ verdicts: shares(0.9, 0.8, 0.804, 0.7), answer: 1 })).toEqual([]);
  expect(raisers({ verdicts: shares(0.9), answer: 1 })).toEqual([]);
});

test("the largest move is of whichever class, and none where all moves are small", () => {
  expect(largestMove({ verdicts: shares(0.5, 0.7, 0.3) })).toBe(2);
  expect(largestMove({ verdicts: shares(0.5, 0.55, 0.6) })).toBeNull();
});

test("what a unit keeps of the first word is the product of its later gates", () => {
  const reading = unpackReading(gru(["a", "b", "c"], [0.9, 0.5, 0.8], [1, -1, 1]));
  expect(keptOf(reading, UNIT)).toBeCloseTo(0.5 * 0.8, 3); // the gate at the first word keeps nothing of it
});

test("a unit that reads from the end is looked at where it stops", () => {
  const two = gru(["a", "b", "c"], [0.9, 0.5, 0.8], [1, -1, 1]);
  const numbers = Buffer.from(two.data, "base64");
  const forward = [0, 6, 12].map((at) => numbers.subarray(at, at + 6)); // update, candidate, state
  const data = Buffer.concat(forward.flatMap((signal) => [signal, signal])).toString("base64");
  const reading = unpackReading({ ...two, shape: [3, 1, 2, 3, 1], data });
  expect(keptOf(reading, { ...UNIT, direction: 1 })).toBeCloseTo(0.9 * 0.5, 3);
});

test("units that keep equally much in whole per cents remember equally long; none where all keep nothing", () => {
  const reading = unpackReading(gru(["a", "b"], [0, 0.5], [1, 1]));
  expect(keepers(reading, [UNIT])).toEqual([UNIT]);
  const forgets = unpackReading(gru(["a", "b"], [0, 0.004], [1, 1]));
  expect(keepers(forgets, [UNIT])).toEqual([]);
});

test("answers are numbers from which the word or the unit is told again", () => {
  const shape = { directions: 2, units: 64 };
  const places = [UNIT, { unit: 63, layer: 1, direction: 1 }, { unit: 5, layer: 0, direction: 1 }];
  for (const place of places) expect(unitOfAnswer(unitAnswer(place, shape), shape)).toEqual(place);
  expect(new Set(places.map((place) => unitAnswer(place, shape))).size).toBe(3);
  expect(wordOf(wordAnswer(0))).toBe(0);
  expect([wordAnswer(0), unitAnswer(UNIT, shape)]).not.toContain(NONE);
});

test("a link asks one of the questions that there are", () => {
  expect(["turn", "raised", "memory", "padding"].every(isAsking)).toBe(true);
  expect(["", "Turn", "toString", null].some(isAsking)).toBe(false);
});

test("few answers are all listed, of many those that were given; what else was given comes last", () => {
  const many = [...Array(40).keys()];
  expect(listed([0, 1, 2], new Map([[1, 4]]))).toEqual([0, 1, 2]);
  expect(
    listed(
      many,
      new Map([
        [90, 1],
        [7, 2],
        [3, 1],
      ]),
    ),
  ).toEqual([3, 7, 90]);
});
