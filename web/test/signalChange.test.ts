import { expect, test } from "vitest";
import { unpackReading } from "../src/model/reading";
import { largestChange, meansOf, unitsOf } from "../src/model/signalChange";
import { gru } from "./payloads";

const blocks = [{ layer: 0, direction: 0, rows: [0] }];
const reading = unpackReading(gru(["a", "b", "c"], [0, 0.5, 0.25], [0.5, -1, 1]));

test("memory begins at zero, so the first word may be the one that changes it most", () => {
  const only = unpackReading(gru(["a", "b"], [0, 1], [0.5, 0]));
  expect(largestChange(only, only.signal("hidden"), blocks)).toMatchObject({ token: 0, before: 0 });
});

test("a candidate does not begin anywhere: its first word changes nothing", () => {
  expect(largestChange(reading, reading.signal("candidate"), blocks)?.token).toBe(2);
  const one = unpackReading(gru(["a"], [0], [1]));
  expect(largestChange(one, one.signal("candidate"), blocks)).toBeNull();
});

test("what a window hides before its first word is no change", () => {
  const window = unpackReading(gru(["a", "b"], [0, 0.5], [1, 1], { start: 200, read: 202 }));
  expect(largestChange(window, window.signal("hidden"), blocks)?.token).toBe(1);
});

test("a gate's mean after each word is that over all units of a layer", () => {
  const units = unitsOf(reading, blocks);
  expect(units).toEqual([{ unit: 0, layer: 0, direction: 0 }]);
  const [first, second, third] = meansOf(reading, reading.signal("update"), units);
  expect([first, second, third].map((mean) => Math.round(mean * 100) / 100)).toEqual([0, 0.5, 0.25]);
});
