import { expect, test } from "vitest";
import { adviceOf, isOpen, type Run, sameTexts, withCurves } from "../src/model/run";

const GOOD = 0.003;
const run = (answer: Run["answer"], question: Partial<Run["question"]> = {}, state: Run["state"] = "done"): Run => ({
  question: { task: "recall", cell: "lstm", units: 8, learning_rate: GOOD, watch: "", ...question },
  classes: 4,
  state,
  ticket: "some",
  answer,
  misses: 0,
});
const kept = (accuracy: number) => ({ texts: 400, seen: 0, chance: 0.25, accuracy });
const curve = (right: number) => ({
  step: [1],
  epoch: [1],
  fraction: [1],
  loss: [1],
  accuracy: [right],
  learning_rate: [1],
});

test("a network that is no better than chance gets advice by its rate and its cell", () => {
  const failed = { held_out: kept(0.26), curve: curve(0.3) };
  expect(adviceOf(run(failed, { learning_rate: 0.1 }), GOOD)).toBe("train_nothing_high");
  expect(adviceOf(run(failed, { learning_rate: 1e-5 }), GOOD)).toBe("train_nothing_low");
  expect(adviceOf(run(failed), GOOD)).toBe("train_nothing");
  expect(adviceOf(run(failed, { cell: "rnn" }), GOOD)).toBe("train_nothing_plain");
});

test("chance gives at most three standard deviations more: of 400 texts and a quarter, 0.065", () => {
  const failed = (accuracy: number) => adviceOf(run({ held_out: kept(accuracy), curve: curve(0.3) }), GOOD);
  expect(failed(0.31)).toBe("train_nothing");
  expect(failed(0.32)).toBeNull();
});

test("a network is right by heart if it is right on most texts that chance gets wrong: here, beyond 62.5%", () => {
  const advice = (right: number) => adviceOf(run({ held_out: kept(0.25), curve: curve(right) }), GOOD);
  expect(advice(0.63)).toBe("train_by_heart");
  expect(advice(0.62)).toBe("train_nothing");
});

test("recall whose gradient is cut is told so, whatever its rate, and what it gets right all the same is explained", () => {
  const told = (accuracy: number, question: Partial<Run["question"]>) =>
    adviceOf(run({ held_out: kept(accuracy), curve: curve(0.3) }, { length: 20, ...question }), GOOD);
  expect(told(0.26, { detach: 10 })).toBe("train_nothing_cut");
  expect(told(0.26, { detach: 10, learning_rate: 1e-5 })).toBe("train_nothing_cut");
  expect(told(0.6, { detach: 10 })).toBe("train_leaked");
  expect(told(0.26, { detach: 20 })).toBe("train_nothing");
  expect(told(1, { detach: 20 })).toBeNull();
  expect(told(0.26, { detach: 10, task: "parity" })).toBe("train_nothing");
});

test("a training that was stopped, cut short or not measured gets no advice", () => {
  const failed = { held_out: kept(0.25), curve: curve(0.3) };
  expect(adviceOf(run(failed, {}, "cancelled"), GOOD)).toBeNull();
  expect(adviceOf(run({ ...failed, cut: true }), GOOD)).toBeNull();
  expect(adviceOf(run({ curve: curve(0.3) }), GOOD)).toBeNull();
});

test("a run is open until it ends, and is drawn once its curve has begun", () => {
  const states = ["starting", "waiting", "running", "done", "cancelled", "failed"] as const;
  expect(states.filter((state) => isOpen(run({}, {}, state)))).toEqual(["starting", "waiting", "running"]);
  expect(withCurves([run({}), run({ curve: curve(1) })])).toHaveLength(1);
});

test("another cell, rate or cut learns from the same texts, another length, task or seed does not", () => {
  expect(sameTexts(run({}), run({}, { cell: "gru", learning_rate: 1 }))).toBe(true);
  expect(sameTexts(run({}, { seed: 0 }), run({}, { detach: 10 }))).toBe(true);
  expect(sameTexts(run({}), run({}, { seed: 1 }))).toBe(false);
  expect(sameTexts(run({}), run({}, { length: 40 }))).toBe(false);
  expect(sameTexts(run({}), run({}, { task: "count" }))).toBe(false);
});
