import { expect, test } from "vitest";
import { columnAt, columnsOf, edgesOf } from "../src/model/columns";

const measure = (text: string) => 10 * text.length;

test("columns begin at the gutter, and share out what is left of the room", () => {
  const edges = columnsOf({ words: [["aaaa"], ["bbbbbbbb"]], gutter: 50, room: 400, measure });
  expect(edges[0]).toBe(50);
  expect(edges[2]).toBeCloseTo(400);
  expect(edges[2] - edges[1] - (edges[1] - edges[0])).toBeCloseTo(40); // as much wider as its word
});

test("a column is as wide as the widest of its words", () => {
  const [from, to] = columnsOf({ words: [["a", "bbbbbbbb"]], gutter: 0, room: 0, measure });
  expect(to - from).toBe(98);
});

test("words that do not fit side by side get columns of one width, no narrower than is asked", () => {
  const words = Array.from({ length: 20 }, () => ["wwwwwwww"]);
  const edges = columnsOf({ words, gutter: 0, room: 200, narrow: 18, measure });
  expect(edges[1]).toBe(18);
  expect(edges[20]).toBe(360);
});

test("a point is in the column whose left edge it has reached, or in none", () => {
  const edges = edgesOf(10, [20, 30]);
  expect(edges).toEqual([10, 30, 60]);
  expect([9, 10, 29.9, 30, 59, 60].map((x) => columnAt(edges, x))).toEqual([null, 0, 0, 1, 1, null]);
});
