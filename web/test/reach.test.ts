import { expect, test } from "vitest";
import type { NetworkReach } from "../src/client/contract";
import { conclusionOf, firstShare, losesBeginning, powersOf } from "../src/model/reach";

const CELLS = ["rnn", "gru", "lstm"] as const;
const networksOf = (...norms: number[][]): NetworkReach[] =>
  norms.map((some, place) => ({ cell: CELLS[place], model: CELLS[place], norms: some, answer: [1], winner: 0 }));
const heard = (...shares: number[]) => conclusionOf(networksOf(...shares.map((share) => [share, 1])));

test("the share at the first word is that of the largest gradient, and nothing where all are zero", () => {
  const [one, two, none] = networksOf([2, 8, 1], [0.01, 4], [0, 0]);
  expect([one, two, none].map(firstShare)).toEqual([0.25, 0.0025, 0]);
  expect([one, two, none].map(losesBeginning)).toEqual([false, true, true]);
});

test.each([
  [[0.5, 0.09, 0.06], "reach_near", undefined],
  [[0.02, 0.03, 0.5], "reach_weaker", false],
  [[0.5, 0.04, 0.02], "reach_unlike", true],
  [[0.04, 0.5, 0.02], "reach_unlike", false],
  [[0.001, 0.02, 0.5], "reach_vanished", undefined],
  [[0.3, 0.001, 0.5], "reach_lost", undefined],
  [[0.3, 0.001, 0.002], "reach_only", true],
  [[0.009, 1e-9, 0.001], "reach_none", undefined],
])("of the shares %j, %s is said", (shares, key, short) => {
  const found = heard(...shares);
  expect([found?.key, found?.short]).toEqual([key, short]);
});

test("a sentence names the one that hears alone, or the one that does not, and how many times", () => {
  expect(heard(0.001, 0.3, 0.002)?.network?.cell).toBe("gru");
  expect(heard(0.3, 0.001, 0.5)?.network?.cell).toBe("gru");
  expect(heard(0.02, 0.03, 0.5)?.times).toBeCloseTo(25);
});

test("nothing is said where it is a small step from the networks that hear to those that do not", () => {
  expect(heard(0.009, 0.02, 0.5)).toBeNull();
});

test("the axis has whole powers of ten, at least two of them, around all gradients that are not zero", () => {
  expect(powersOf(networksOf([0.02, 3], [4e-5, 0.1], [1, 1]))).toEqual({ high: 1, low: -5, zeros: false });
  expect(powersOf(networksOf([2, 3]))).toEqual({ high: 1, low: -1, zeros: false });
  expect(powersOf(networksOf([0, 3], [0.005, 0.3]))).toEqual({ high: 1, low: -3, zeros: true });
  expect(powersOf(networksOf([0, 0]))).toEqual({ high: 0, low: -2, zeros: true });
});
