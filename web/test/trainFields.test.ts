import { expect, test } from "vitest";
import type { Offer } from "../src/client/types";
import { carriedFields, exampleOf, usualFields } from "../src/model/trainFields";

const LETTERS: Offer = { units: 32, length: { default: 60, least: 2, most: 60 }, rates: { low: 1, good: 2, high: 3 } };
const BITS: Offer = { units: 16, length: { default: 5, least: 2, most: 20 }, rates: { low: 4, good: 5, high: 6 } };
const OPINIONS: Offer = { units: 16, length: null, rates: { low: 4, good: 5, high: 6 } };

test("another task brings its own usual values where nobody wrote any", () => {
  expect(carriedFields(usualFields(LETTERS), LETTERS, BITS)).toEqual(usualFields(BITS));
  expect(carriedFields(usualFields(BITS), BITS, OPINIONS)).toEqual(usualFields(OPINIONS));
  expect(carriedFields(usualFields(OPINIONS), OPINIONS, LETTERS)).toEqual(usualFields(LETTERS));
});

test("what somebody wrote stays when another task is chosen, as far as that has such a field", () => {
  const written = { units: "8", length: "12", rate: "0.5", watch: "a b", bias: "2", detach: "3" };
  expect(carriedFields(written, LETTERS, BITS)).toEqual({ ...written, watch: "" });
  expect(carriedFields({ ...written, length: "40" }, LETTERS, BITS).length).toBe("5");
  expect(carriedFields(written, LETTERS, OPINIONS)).toEqual({ ...written, length: "", watch: "" });
  expect(carriedFields({ ...written, length: "" }, OPINIONS, LETTERS).length).toBe("60");
});

test("a rate that was chosen by its name is that of the new task", () => {
  expect(carriedFields({ ...usualFields(LETTERS), rate: "3" }, LETTERS, BITS).rate).toBe("6");
});

test("the example is as long as the longest text, and whole where no length is asked or a wrong one stands", () => {
  expect(exampleOf("a k l m", LETTERS, "3")).toBe("a k l");
  expect(exampleOf("a k l m", LETTERS, "60")).toBe("a k l m");
  for (const wrong of ["", "1", "-4", "x"]) expect(exampleOf("a k l m", LETTERS, wrong)).toBe("a k l m");
  expect(exampleOf("the film was not good", OPINIONS, "")).toBe("the film was not good");
});
