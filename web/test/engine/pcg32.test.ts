import { expect, test } from "vitest";
import { Pcg32 } from "../../src/engine/pcg32";

test("it gives the numbers of the reference program (seed 42, stream 54)", () => {
  const drawn = new Pcg32(42);
  const wholes = Array.from({ length: 6 }, () => drawn.whole());
  expect(wholes).toEqual([0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e]);
});

test("a share is from 0 to just below 1, also of the largest seed", () => {
  const drawn = new Pcg32(2 ** 32 - 1);
  const shares = Array.from({ length: 1000 }, () => drawn.share());
  expect(shares.every((share) => share >= 0 && share < 1)).toBe(true);
  expect(new Set(shares).size).toBe(1000);
});
