import { expect, it } from "vitest";
import { coversAll, onlyUnit, rangesOf, rangesText } from "../src/model/units";

it.each([
  [
    "0-15, 20",
    [
      [0, 15],
      [20, 20],
    ],
  ],
  [
    "20,0-15",
    [
      [0, 15],
      [20, 20],
    ],
  ],
  ["3 4 5", [[3, 5]]],
  ["7 - 9", [[7, 9]]],
  ["9–7; 8", [[7, 9]]],
  ["5", [[5, 5]]],
])("the units %s are ranges in ascending order, none twice", (text, ranges) => {
  expect(rangesOf(text)).toEqual(ranges);
});

it.each(["", " , ", "a", "1-", "-1", "1-2-3", "1.5", "1e3"])("%j names no units", (text) => {
  expect(rangesOf(text)).toBeNull();
});

it("ranges are written as they are read", () => {
  expect(
    rangesText([
      [0, 15],
      [20, 20],
    ]),
  ).toBe("0-15,20");
  expect(
    rangesOf(
      rangesText([
        [1, 1],
        [3, 4],
      ]),
    ),
  ).toEqual([
    [1, 1],
    [3, 4],
  ]);
});

it("one unit and all units are told apart from some", () => {
  expect([
    onlyUnit([[3, 3]]),
    onlyUnit([[3, 4]]),
    onlyUnit([
      [1, 1],
      [3, 3],
    ]),
  ]).toEqual([3, null, null]);
  expect([coversAll([[0, 5]], 6), coversAll([[0, 4]], 6)]).toEqual([true, false]);
});

it("a text that names nothing is refused at once, however long it is", () => {
  const begun = performance.now();
  expect(rangesOf(" ".repeat(300_000))).toBeNull();
  expect(rangesOf(`1${" ".repeat(9_990)}x`)).toBeNull();
  expect(performance.now() - begun).toBeLessThan(500);
});
