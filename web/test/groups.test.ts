import { expect, test } from "vitest";
import type { FoundGroups } from "../src/client/contract";
import {
  bandsOf,
  columnsIn,
  limitOf,
  membersOf,
  responseRows,
  sizesOf,
  stepped,
  strengthOf,
} from "../src/model/groups";

const found: FoundGroups = {
  units: [4, 0, 2],
  silent: [1, 3],
  words: ["not", "never", "film", "plot"],
  counts: [9, 5, 7, 6],
  responses: [
    [0.5, -0.25, 0, 0.125],
    [0.25, 0.25, 0.125, 0],
    [0, 0, -0.5, 0.75],
  ],
  groups: 2,
  unit_groups: [0, 0, 1],
  word_groups: [0, 0, 1, 1],
  stability: [],
};

test("labels that follow one another are bands", () => {
  expect(bandsOf(found.word_groups)).toEqual([
    { group: 0, first: 0, count: 2 },
    { group: 1, first: 2, count: 2 },
  ]);
  expect(bandsOf([])).toEqual([]);
});

test("each group has its own units and words", () => {
  expect(membersOf(found, 0)).toEqual({ units: [4, 0], words: ["not", "never"] });
  expect(membersOf(found, 1)).toEqual({ units: [2], words: ["film", "plot"] });
});

test("the colours end where nearly all numbers do", () => {
  const row = [...Array(99).fill(0.1), 5];
  expect(limitOf([row])).toBe(0.1);
  expect(limitOf([[0, 0]])).toBe(1);
});

test("all of the matrix fits the room, as long as its columns can be seen", () => {
  expect(sizesOf(found, 40).column).toBe(10);
  const wide = { units: [0], words: Array(500).fill("a") };
  expect(sizesOf(wide, 300)).toMatchObject({ column: 1.5, width: 750 });
  const tall = { units: Array(512).fill(0), words: ["a"] };
  expect(sizesOf(tall, 300)).toMatchObject({ row: 2, height: 1024 });
});

test("the words of a text are found among the columns", () => {
  expect(columnsIn(found.words, ["the", "plot", "is", "not", "not"])).toEqual([0, 3]);
  expect(columnsIn(found.words, [])).toEqual([]);
});

test("the strength of a group is its units' mean change, up or down", () => {
  expect(strengthOf(found, 1, 0)).toBeCloseTo(0.25);
  expect(strengthOf(found, 3, 1)).toBeCloseTo(0.75);
  expect(strengthOf(found, 3, null)).toBeCloseTo(0.875 / 3);
});

test("the arrow keys stay inside the matrix", () => {
  expect(stepped({ row: 0, column: 0 }, "ArrowUp", found)).toEqual({ row: 0, column: 0 });
  expect(stepped({ row: 2, column: 2 }, "ArrowRight", found)).toEqual({ row: 2, column: 3 });
  expect(stepped({ row: 2, column: 3 }, "ArrowDown", found)).toEqual({ row: 2, column: 3 });
  expect(stepped({ row: 0, column: 0 }, "a", found)).toBeNull();
});

test("what is saved has a row for each unit and word", () => {
  expect(responseRows(found)).toHaveLength(12);
  expect(responseRows(found)[1]).toEqual([4, "never", 5, -0.25, 1, 1]);
  expect(responseRows({ ...found, groups: 0, unit_groups: [], word_groups: [] })[0]).toEqual([
    4,
    "not",
    9,
    0.5,
    null,
    null,
  ]);
});
