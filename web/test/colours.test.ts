import { expect, test } from "vitest";
import { colourOf, css, inkOn, OTHER, shownClasses } from "../src/model/colours";

test("nothing is the ground, and the ends of a signed scale are blue and orange", () => {
  expect(css(colourOf(0, -1, 1, false))).toBe("rgb(255 255 255)");
  expect(colourOf(-1, -1, 1, false)).toEqual([11, 74, 143]);
  expect(colourOf(1, -1, 1, false)).toEqual([168, 75, 0]);
});

test("what lies beyond a scale has the colour of its end", () => {
  expect(colourOf(7, -1, 1, true)).toEqual(colourOf(1, -1, 1, true));
  expect(colourOf(-7, 0, 1, true)).toEqual(colourOf(0, 0, 1, true));
});

test("ink is black on white and white on black", () => {
  expect(inkOn([255, 255, 255])).toBe("#000000");
  expect(inkOn([0, 0, 0])).toBe("#ffffff");
});

test("of two classes the second is always at the bottom", () => {
  for (const answer of [0, 1]) {
    expect(shownClasses(["no", "yes"], [[0.5, 0.5]], answer).stacking).toEqual([1, 0]);
  }
});

test("of more classes than colours the answer and the likeliest are shown, the rest is grey", () => {
  const names = Array.from({ length: 10 }, (_, place) => `class ${place}`);
  const shares = names.map((_, place) => place / 45);
  const { shown, colour, stacking } = shownClasses(names, [shares], 0);
  expect(shown).toEqual([0, 9, 8, 7, 6]);
  expect(stacking[0]).toBe(0);
  expect(colour(1, false)).toBe(OTHER);
  expect(new Set(shown.map((place) => colour(place, false))).size).toBe(5);
});
