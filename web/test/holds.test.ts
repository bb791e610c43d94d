import { describe, expect, it } from "vitest";
import type { Hold } from "../src/client/contract";
import { changeOfHolds, covers, sameHold } from "../src/model/holds";
import type { TypedReading } from "../src/model/reading";

const HOLD: Hold = { signal: "forget", value: 0, tokens: [1, 3], units: [[5, 5]], layer: 0, direction: 0 };
const HERE = { unit: 5, layer: 0, direction: 0 };
const reading = (verdicts: number[][]) =>
  ({ verdicts, final: verdicts[verdicts.length - 1], answer: 1, start: 0, read: verdicts.length }) as TypedReading;
const ghost = (verdicts: number[][]) => ({ verdicts, answer: verdicts[verdicts.length - 1], winners: [], winner: 1 });

describe("a hold", () => {
  it("covers its words, both ends included, of its own signal and unit", () => {
    expect([0, 1, 3, 4].map((token) => covers(HOLD, "forget", token, HERE))).toEqual([false, true, true, false]);
    expect(covers(HOLD, "input", 1, HERE)).toBe(false);
    expect(covers(HOLD, "forget", 1, { ...HERE, layer: 1 })).toBe(false);
    const some: Hold = {
      ...HOLD,
      units: [
        [0, 2],
        [5, 5],
      ],
    };
    expect([2, 3, 5, 6].map((unit) => covers(some, "forget", 1, { ...HERE, unit }))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it("is the same whatever its value is", () => {
    expect(sameHold(HOLD, { ...HOLD, value: 1 })).toBe(true);
    expect(sameHold(HOLD, { ...HOLD, tokens: [1, 2] })).toBe(false);
    expect(sameHold(HOLD, { ...HOLD, units: [[5, 6]] })).toBe(false);
  });
});

describe("what holds change", () => {
  const before = [
    [0.5, 0.5],
    [0.5, 0.5],
    [0.4, 0.6],
  ];
  it("is told of the end, and of another word where it is more", () => {
    const { end, most } = changeOfHolds(
      reading([
        [0.5, 0.5],
        [0.1, 0.9],
        [0.3, 0.7],
      ]),
      ghost(before),
    );
    expect(end).toEqual({ before: 0.6, after: 0.7 });
    expect(most).toEqual({ token: 1, before: 0.5, after: 0.9 });
  });

  it("is told of the end alone where that is the most", () => {
    expect(
      changeOfHolds(
        reading([
          [0.5, 0.5],
          [0.5, 0.5],
          [0.3, 0.7],
        ]),
        ghost(before),
      ).most,
    ).toBeNull();
  });
});
