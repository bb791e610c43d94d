import { expect, test } from "vitest";
import { dataCells, paddedCells, placesOf, stepCells } from "../src/model/packedCells";

// The lesson's batch: three texts of 5, 3 and 1 tokens.
const LAYOUT = {
  texts: [["1", "2", "3", "4", "5"], ["6", "7", "8"], ["9"]],
  rows: [[0, 1, 2], [0, 1], [0, 1], [0], [0]],
};
const tokenAt = ({ text, step }: { text: number; step: number }) => LAYOUT.texts[text][step] ?? "";

test("padded, each text is a row, filled up to the longest", () => {
  const cells = paddedCells(LAYOUT);
  expect(cells).toHaveLength(15);
  const rowOf = (row: number) => cells.filter((cell) => cell.row === row).map(tokenAt);
  expect([0, 1, 2].map(rowOf)).toEqual([
    ["1", "2", "3", "4", "5"],
    ["6", "7", "8", "", ""],
    ["9", "", "", "", ""],
  ]);
});

test("packed, each step is a column of the texts that have not ended", () => {
  const columnOf = (column: number) =>
    stepCells(LAYOUT)
      .filter((cell) => cell.column === column)
      .map(tokenAt);
  expect([0, 1, 2, 3, 4].map(columnOf)).toEqual([["1", "6", "9"], ["2", "7"], ["3", "8"], ["4"], ["5"]]);
});

test("the data in memory are the columns one after the other, and each token has its place there", () => {
  expect(dataCells(LAYOUT).map(tokenAt).join("")).toBe("169273845");
  const places = placesOf(LAYOUT);
  expect(["0-0", "1-2", "2-0", "0-4", "2-1"].map((key) => places.get(key))).toEqual([1, 7, 3, 9, undefined]);
});
