import { expect, test } from "vitest";
import type { Finding } from "../src/client/contract";
import { reasonsOf } from "../src/model/findings";

const one: Finding = {
  property: "capital next",
  measure: "AUC",
  layer: 0,
  unit: 323,
  value: 0.96,
  shuffled: 0.5,
  untrained: 0.6,
  loss: 2,
  loss_without: 2.1,
  found: true,
};

test("what counts as found has no reason against it", () => {
  expect(reasonsOf(one)).toEqual([]);
});

test("what does not count as found has its reason", () => {
  expect(reasonsOf({ ...one, value: 0.8996 })).toEqual(["finding_weak"]);
  expect(reasonsOf({ ...one, value: 0.9604, untrained: 0.8606 })).toEqual(["finding_untrained"]);
  expect(reasonsOf({ ...one, value: 0.83 })).toEqual(["finding_weak"]);
  expect(reasonsOf({ ...one, measure: "R²", value: 0.42 })).toEqual(["finding_weak"]);
  expect(reasonsOf({ ...one, untrained: 0.91 })).toEqual(["finding_untrained"]);
  expect(reasonsOf({ ...one, shuffled: 0.9 })).toEqual(["finding_shuffled"]);
  expect(reasonsOf({ ...one, loss_without: 1.9 })).toEqual(["finding_unused"]);
  expect(reasonsOf({ ...one, untrained: 0.91, loss_without: 2 })).toEqual(["finding_untrained", "finding_unused"]);
});
