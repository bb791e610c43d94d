import { expect, test } from "vitest";
import { accountOfClass, accountOfUnit, largest } from "../src/model/account";
import { numbersAt } from "../src/model/cellNumbers";
import { unpackReading } from "../src/model/reading";
import { gru } from "./payloads";

const reading = unpackReading(gru(["a", "b", "c"], [0, 0.5, 0.25], [0.5, -1, 1]));
const unit = { unit: 0, layer: 0, direction: 0 };

test("what is left of all words adds up to what is in the memory", () => {
  for (const seen of [0, 1, 2]) {
    const { rows, total, elsewhere } = accountOfUnit(reading, unit, seen);
    expect(rows.reduce((all, { left }) => all + left, 0)).toBeCloseTo(total, 3);
    expect(elsewhere).toBeNull();
  }
});

test("what a word wrote shrinks by the share that each later word keeps", () => {
  const { rows } = accountOfUnit(reading, unit, 2);
  expect(rows[0].wrote).toBeCloseTo(0.5, 3);
  expect(rows[0].share).toBeCloseTo(0.125, 3);
  expect(largest(accountOfUnit(reading, unit, 2))).toBe(2);
});

test("words after the one that is looked at have nothing in the account", () => {
  expect(accountOfUnit(reading, unit, 0).rows.slice(1)).toEqual([
    { wrote: 0, share: 0, left: 0 },
    { wrote: 0, share: 0, left: 0 },
  ]);
});

test("what came before a window is what its words do not explain", () => {
  const window = unpackReading(gru(["a", "b"], [0.5, 0.5], [1, 1], { start: 200, read: 202 }));
  const { rows, total, elsewhere } = accountOfUnit(window, unit, 1);
  expect(elsewhere).toBeCloseTo(total - rows[0].left - rows[1].left, 6);
});

test("the account of a class is its words, all other words, and the bias", () => {
  const contributions = {
    by_token: [
      [0.1, -0.1],
      [0.4, -0.4],
    ],
    elsewhere: [0.2, -0.2],
    bias: [0.3, -0.3],
  };
  expect(accountOfClass(contributions, 0, true)).toMatchObject({ total: 1, bias: 0.3, elsewhere: 0.2, scale: 0.4 });
  expect(accountOfClass(contributions, 1, false).elsewhere).toBeNull();
});

test("the numbers of a cell are those of its equation", () => {
  const n = numbersAt(reading, { token: 2, ...unit }, false);
  expect(n.kept).toBeCloseTo(0.25 * -0.25, 3);
  expect(n.rest).toBeCloseTo(0.75, 3);
  expect((n.kept ?? 0) + (n.added ?? 0)).toBeCloseTo(n.at.hidden, 3);
  expect(numbersAt(reading, { token: 0, ...unit }, false)).toMatchObject({ first: true, before: 0 });
});
