import { expect, test } from "vitest";
import type { Held } from "../../src/engine/cells";
import { kernelOf, Plain } from "../../src/engine/kernel";
import type { Layer } from "../../src/engine/layers";
import { type Matrix, matrixOf } from "../../src/engine/matrix";
import type { ModelConfig } from "../../src/engine/network";

const randomly = (seed: number) => {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
};

const configOf = (
  cell: ModelConfig["cell"],
  nonlinearity: ModelConfig["nonlinearity"],
  units: number,
): ModelConfig => ({
  cell,
  nonlinearity,
  vocabulary_size: 2,
  embedding_size: 1,
  hidden_size: units,
  layers: 1,
  bidirectional: false,
  pooling: "last",
  reading: "packed",
  classes: 2,
  embedding_dropout: 0,
  dropout: 0,
  recurrent_dropout: 0,
  forget_bias: 0,
  learned_start: false,
});
const layerOf = (hidden: Matrix): Layer => ({
  inputs: [],
  hidden,
  bias: new Float64Array(),
  hiddenBias: new Float64Array(),
});
const SIZES = [1, 3, 4, 7, 12, 33];
const CASES = SIZES.flatMap((rows) =>
  SIZES.flatMap((columns) => [1, 2, 4, 5, 66].map((count) => [rows, columns, count] as const)),
);

test.each([
  ["WebAssembly, one text", undefined, "doubles", 1e-12],
  ["WebAssembly, many texts", undefined, "rows", 1e-5],
  ["JavaScript", null, "rows", 1e-12],
] as const)("a product in %s is the sum that it stands for, whatever the sizes", (_name, module, kind, tolerance) => {
  for (const [rows, columns, count] of CASES) {
    const next = randomly(rows * 100 + columns);
    const weights = Float32Array.from({ length: rows * columns }, next);
    const matrix = matrixOf(weights, rows, columns);
    const kernel = kernelOf(configOf("rnn", "tanh", 4), [[layerOf(matrix)]], module);
    kernel.clear((count + 6) * (columns + matrix.rows));
    const room = (width: number) =>
      kind === "rows" ? kernel.rows(count + 1, width) : kernel.doubles((count + 1) * width);
    const [input, out] = [room(columns), room(matrix.rows)];
    for (let at = 0; at < (count + 1) * columns; at += 1) input[at] = next();
    for (let at = 0; at < (count + 1) * matrix.rows; at += 1) out[at] = next();
    const before = Float64Array.from(out);
    kernel.addProduct(matrix, input, columns, count, out, matrix.rows);
    const expected = before.map((one, at) => {
      const [row, g] = [Math.floor(at / matrix.rows), at % matrix.rows];
      if (row < 1 || row > count || g >= rows) return one;
      const own = weights.subarray(g * columns, (g + 1) * columns);
      return own.reduce((sum, weight, j) => sum + weight * input[row * columns + j], one);
    });
    const all = expected.subarray(0, (count + 1) * matrix.rows);
    expect(all.reduce((most, one, at) => Math.max(most, Math.abs(one - out[at])), 0)).toBeLessThan(tolerance);
  }
});

/** One step of a cell without any sums over states but those that are given, gate by gate for one value after another. */
const stepped = (module: null | undefined, config: ModelConfig, values: number[], held: Held | null) => {
  const units = config.hidden_size;
  const gates = { lstm: 4, gru: 3, rnn: 1 }[config.cell];
  const matrix = matrixOf(new Float32Array(gates * units), gates * units, 1);
  const kernel = kernelOf(config, [[layerOf(matrix)]], module);
  const texts = values.length / units;
  kernel.clear(4 * (texts + 3) * matrix.rows);
  const [sums, apart] = [kernel.rows(texts, matrix.rows), kernel.rows(texts, matrix.rows)];
  const state = { hidden: kernel.rows(texts, units), cell: kernel.rows(texts, units) };
  for (const [at, value] of values.entries()) {
    const [text, unit] = [Math.floor(at / units), at % units];
    for (let gate = 0; gate < gates; gate += 1) {
      sums[text * matrix.rows + gate * units + unit] = value * (1 - gate / 8);
      apart[text * matrix.rows + gate * units + unit] = config.cell === "gru" ? value / (2 + gate) : 0;
    }
    state.hidden[at] = config.cell === "gru" ? Math.sin(at) : 0;
    state.cell[at] = Math.cos(at);
  }
  kernel.step(sums, apart, matrix.rows, state, 0, texts, held);
  return [...state.hidden.subarray(0, values.length), ...state.cell.subarray(0, values.length)];
};
const VALUES = Array.from({ length: 8 * 4_000 }, (_, at) => (at - 16_000) / 800);
const HELD: Held = { places: Int32Array.of(0, 7), values: Float64Array.of(0.25, 1) };

test.each([
  ["lstm", "tanh"],
  ["gru", "tanh"],
  ["rnn", "tanh"],
  ["rnn", "relu"],
] as const)("a step of many texts in WebAssembly is that of JavaScript in double precision: %s, %s", (cell, squash) => {
  const config = configOf(cell, squash, 8);
  for (const held of [null, HELD]) {
    const exact = stepped(null, config, VALUES, held);
    const found = stepped(undefined, config, VALUES, held);
    const worst = found.reduce(
      (most, one, at) => Math.max(most, Math.abs(one - exact[at]) / Math.max(1, Math.abs(exact[at]))),
      0,
    );
    expect(worst).toBeLessThan(5e-7);
  }
});

test("tanh in WebAssembly is within 3e-7 of double precision, never beyond 1, and nothing where there is no number", () => {
  const ends = [0, -0, 9, -9, 1e30, -1e30, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const values = [...VALUES, ...ends].map(Math.fround);
  const found = stepped(undefined, configOf("rnn", "tanh", 8), values, null);
  const worst = values.reduce((most, x, at) => Math.max(most, Math.abs(found[at] - Math.tanh(x))), 0);
  expect(worst).toBeLessThan(3e-7);
  expect(found.every((one) => Math.abs(one) <= 1)).toBe(true);
  const nothing = stepped(undefined, configOf("rnn", "tanh", 4), [Number.NaN, 1, Number.NaN, 0], null);
  expect(nothing.slice(0, 4).map(Number.isNaN)).toEqual([true, false, true, false]);
});

test("a browser with WebAssembly uses it, and one without does not", () => {
  const layers = [[layerOf(matrixOf(new Float32Array(16), 4, 4))]];
  expect(kernelOf(configOf("rnn", "tanh", 4), layers)).not.toBeInstanceOf(Plain);
  expect(kernelOf(configOf("rnn", "tanh", 4), layers, null)).toBeInstanceOf(Plain);
  expect(kernelOf(configOf("rnn", "tanh", 3), layers)).toBeInstanceOf(Plain);
});
