import { expect, test } from "vitest";
import { apart, argmax, digitsFor, wholePercents } from "../src/model/numbers";

test("of two largest numbers the first is taken", () => {
  expect(argmax([1, 3, 3, 2])).toBe(1);
});

test("as many digits are written as a sum needs to add up", () => {
  expect(digitsFor([0.25, 0.25], 0.5)).toBe(2);
  expect(digitsFor([0.004, 0.004], 0.008)).toBe(3); // 0.00 + 0.00 = 0.01 with two
  expect(digitsFor([0.123456, 0.2], 0.9)).toBe(5); // never adds up: no more than five
});

test("a difference is that of the numbers as they are written", () => {
  expect(apart(0.114, 0.126)).toBe(0.02); // 0.11 and 0.13
  expect(apart(-0.004, 0.004)).toBe(0);
});

test("shares of one whole add up to a hundred", () => {
  expect(wholePercents([1 / 3, 1 / 3, 1 / 3])).toEqual([34, 33, 33]);
  expect(wholePercents([0.005, 0.995])).toEqual([1, 99]);
  for (const parts of [
    [0.101, 0.299, 0.6],
    [0.5, 0.5],
    [0.999, 0.0005, 0.0005],
  ]) {
    expect(wholePercents(parts).reduce((all, one) => all + one, 0)).toBe(100);
  }
});
