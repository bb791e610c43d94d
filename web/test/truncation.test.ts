import { expect, test } from "vitest";
import type { TrainQuestion } from "../src/client/types";
import type { Run } from "../src/model/run";
import { firstReached, isCut, labRows, type Measured, measuredOf } from "../src/model/truncation";

const GRU: TrainQuestion = { task: "recall", cell: "gru", units: 32, learning_rate: 0.003, watch: "", length: 20 };
const measured = (right: number, more: Partial<TrainQuestion> = {}): Measured => ({
  question: { ...GRU, ...more },
  right,
});

test("the gradient reaches the words since the last cut, which stands before a multiple of the distance", () => {
  expect([1, 7, 9, 10, 19].map((detach) => firstReached(20, detach))).toEqual([19, 14, 18, 10, 19]);
  expect([0, 20, 60].map((detach) => firstReached(20, detach))).toEqual([0, 0, 0]);
});

test("a text is cut where its first word and its answer are not in one piece", () => {
  expect([1, 10, 19, 20, 0, undefined].map((detach) => isCut({ length: 20, detach }))).toEqual([
    ...[true, true, true],
    ...[false, false, false],
  ]);
});

test("the table has the runs of the chosen network, each once a seed, and the next seed to train from", () => {
  const runs = [
    measured(0.3, { detach: 10, seed: 1 }),
    measured(0.25, { detach: 10 }),
    measured(0.25, { detach: 10 }), // the same training again
    measured(1),
    measured(0.9, { cell: "lstm" }),
    measured(0.8, { forget_bias: 0 }),
    measured(0.7, { task: "parity" }),
  ];
  const rows = labRows(runs, GRU);
  expect(rows.map(([cell]) => cell.length)).toEqual([10, 20, 40, 60]);
  expect(rows[1].map(({ detach }) => detach)).toEqual([0, 5, 10, 20, 40]);
  expect(rows[1].map(({ rights }) => rights)).toEqual([[1], [], [0.25, 0.3], [], []]);
  expect(rows[1].map(({ seed }) => seed)).toEqual([1, 0, 2, 0, 0]);
  expect(rows[1].map(({ reaches }) => reaches)).toEqual([true, false, false, true, true]);
  expect(rows.flat().filter(({ rights }) => rights.length)).toHaveLength(2);
});

test("a length and a distance that were typed get a row and a column", () => {
  const rows = labRows([measured(0.5, { length: 7, detach: 3 })], GRU);
  expect(rows.map(([cell]) => cell.length)).toEqual([7, 10, 20, 40, 60]);
  expect(rows[0].map(({ detach }) => detach)).toEqual([0, 3, 5, 10, 20, 40]);
  expect(rows[0][1].rights).toEqual([0.5]);
});

test("only a training that went to its end counts", () => {
  const held_out = { texts: 500, seen: 0, chance: 0.25, accuracy: 0.4 };
  const run = (state: Run["state"], answer: Run["answer"]): Run => ({
    ...{ question: GRU, classes: 4, state, ticket: "some", misses: 0 },
    answer,
  });
  expect(measuredOf(run("done", { held_out }))).toEqual({ question: GRU, right: 0.4 });
  expect(measuredOf(run("running", { held_out }))).toBeNull();
  expect(measuredOf(run("cancelled", { held_out }))).toBeNull();
  expect(measuredOf(run("done", { held_out, cut: true }))).toBeNull();
  expect(measuredOf(run("done", { held_out: null }))).toBeNull();
});
