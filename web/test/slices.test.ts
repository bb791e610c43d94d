import { expect, test } from "vitest";
import type { SliceCount } from "../src/client/contract";
import {
  conditionsOf,
  endsOf,
  isJudged,
  maybeChance,
  offeredOf,
  partsOf,
  sliceRows,
  toggled,
} from "../src/model/slices";

const counted = (name: string, right = 3, labelled = 4, [low, high] = [0.3, 0.95]): SliceCount => ({
  name,
  texts: 4,
  labelled,
  right,
  low,
  high,
});

test("conditions are told apart as the command line does, also where a class has the sign in its name", () => {
  expect(conditionsOf("class=Arts & Culture & word=not & wrong")).toEqual([
    "class=Arts & Culture",
    "word=not",
    "wrong",
  ]);
  expect(conditionsOf(" all ")).toEqual(["all"]);
  expect(conditionsOf("wrong  &  unit=-3")).toEqual(["wrong", "unit=-3"]);
  expect(conditionsOf("word=right & wrongly")).toEqual(["word=right & wrongly"]);
});

test("a condition is what it is about and what it says of that", () => {
  expect(partsOf("word=a=b")).toEqual(["word", "a=b"]);
  expect(partsOf("wrong")).toEqual(["wrong", ""]);
  expect(endsOf("3..10")).toEqual([3, 10]);
  expect(endsOf("..10")).toEqual([null, 10]);
  expect(endsOf("3..")).toEqual([3, null]);
  expect(endsOf("7")).toEqual([7, 7]);
});

test("a condition joins the others, takes the place of one that excludes it, and goes when it is chosen again", () => {
  expect(toggled("all", "word=not")).toBe("word=not");
  expect(toggled("word=not", "class=a")).toBe("word=not & class=a");
  expect(toggled("word=not & class=a", "class=b")).toBe("word=not & class=b");
  expect(toggled("right & word=not", "wrong")).toBe("word=not & wrong");
  expect(toggled("word=not", "word=good")).toBe("word=not & word=good");
  expect(toggled("word=not & wrong", "wrong")).toBe("word=not");
  expect(toggled("word=not", "word=not")).toBe("all");
});

test("each class, the shortest and the longest texts, and what is pinned are offered, nothing twice", () => {
  const names = ["class=b", "length=12..20", "all", "class=a", "length=3..5", "length=6..11", "word=not"];
  const sets = names.map((name) => counted(name));
  expect(offeredOf(sets, ["word=not", "unit=+3"])).toEqual([
    "right",
    "wrong",
    "class=a",
    "class=b",
    "length=3..5",
    "length=12..20",
    "word=not",
    "unit=+3",
  ]);
  expect(offeredOf([counted("all", 0, 0)], [])).toEqual([]); // nobody knows what is right
});

test("of right or of wrong answers alone a share says nothing", () => {
  expect(isJudged("word=not & wrong")).toBe(true);
  expect(isJudged("class=right & word=not")).toBe(false);
});

test("a difference may be chance where the interval has the share of all texts in it", () => {
  const all = counted("all", 95, 100, [0.9, 0.98]);
  expect(maybeChance(counted("word=not", 10, 12, [0.55, 0.953]), all)).toBe(true);
  expect(maybeChance(counted("word=not", 6, 12, [0.25, 0.75]), all)).toBe(false);
});

test("a set of texts without classes has no share in a file", () => {
  expect(sliceRows([counted("all"), counted("wrong", 0, 0, [0, 1])])).toEqual([
    ["all", 4, 4, 3, 0.75, 0.3, 0.95],
    ["wrong", 4, 0, 0, null, null, null],
  ]);
});
