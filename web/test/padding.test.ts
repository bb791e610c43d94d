import { expect, test } from "vitest";
import type { Drift } from "../src/client/contract";
import { chosenText, mostMoved } from "../src/model/padding";

const FOUND: Drift = {
  model: "m",
  tokens: ["one", "two"],
  padded_to: 4,
  labels: ["bad", "good"],
  verdicts: [],
  winners: [],
  units: [3, 7, 9],
  states: [
    [0, 0.5, 0.5, 0.9],
    [0, 0.1, 0.4, 0.2],
    [0, -0.2, -0.4, -0.8],
  ],
  low: -1,
  high: 1,
  alone: { verdict: [], winner: 0, states: [0.5, 0.1, -0.2] },
};

test("the units that this much padding has moved most come first, with their states", () => {
  const shown = mostMoved(FOUND, 3, 2);
  expect(shown.units).toEqual([7, 9]); // by 0.3 and 0.2
  expect(shown.states).toEqual([FOUND.states[1], FOUND.states[2]]);
  expect(shown.alone.states).toEqual([0.1, -0.2]);
  expect(shown.known).toEqual([3, 7, 9]);
  expect(mostMoved(FOUND, 4, 2).units).toEqual([9, 3]); // by 0.6 and 0.4
});

test("units that were moved alike keep their order", () => {
  expect(mostMoved(FOUND, 2, 3).units).toEqual([3, 7, 9]);
});

test("of a new batch the shortest text is chosen, of one that is being changed the same as before", () => {
  const batch = [["a", "b"], ["c"], ["d", "e", "f"]];
  expect(chosenText(batch, [], 0)).toBe(1);
  expect(chosenText([["a", "b"], ["c"], ["d"]], batch, 2)).toBe(2);
  expect(chosenText([["x"], ["y", "z"], ["v", "w"]], batch, 2)).toBe(0);
  expect(chosenText([], batch, 2)).toBe(0);
});
