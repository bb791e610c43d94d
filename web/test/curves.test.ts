import { expect, test } from "vitest";
import { axisOf, namePlace } from "../src/model/curves";
import type { CurveRun } from "../src/model/run";

const runOf = (loss: number[]) => ({ curve: { loss } }) as unknown as CurveRun;

test("the axis of the loss reaches what guessing gives, and what is far above it leaves the picture", () => {
  const low = axisOf("loss", [runOf([1.3, 0.2])], 4);
  expect(low.guess).toBeCloseTo(1.386);
  expect(low.top).toBeCloseTo(1.15 * 1.386);
  const high = axisOf("loss", [runOf([1.3]), runOf([2.4, 3e8])], 4);
  expect(high.top).toBeCloseTo(2.5 * 1.386);
  expect(high.most).toBe(3e8);
});

test("without a number of classes, the axis of the loss ends at the largest value", () => {
  expect(axisOf("loss", [runOf([7, 2])], 0)).toMatchObject({ top: 7, guess: null });
  expect(axisOf("loss", [runOf([0.01])], 0).top).toBe(0.5);
});

test("accuracy runs from 0 to 1, and guessing among four classes gives a quarter", () => {
  expect(axisOf("accuracy", [runOf([1])], 4)).toMatchObject({ top: 1, guess: 0.25, most: 1 });
});

const ROOM = { left: 0, right: 200, foot: 100 };
const across = (y: number, from = 0, to = 200) => [
  { x: from, y },
  { x: to, y },
];

test("a name lies over the right end of its line where nothing else passes", () => {
  expect(namePlace(40, 50, ROOM, [across(50)])).toEqual({ x: 200, y: 43 });
});

test("a name makes way for other lines: below, then along its own", () => {
  expect(namePlace(40, 50, ROOM, [across(40)])).toEqual({ x: 200, y: 67 });
  expect(namePlace(40, 50, ROOM, [across(40, 150), across(62, 150)])).toEqual({ x: 122, y: 43 });
});

test("a name never lies on the axis", () => {
  expect(namePlace(40, 90, ROOM, [across(80)]).y).toBe(83);
});
