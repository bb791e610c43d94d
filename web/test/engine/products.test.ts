import { expect, test } from "vitest";
import type { Layer } from "../../src/engine/layers";
import { addProduct, type Matrix, matrixOf } from "../../src/engine/matrix";
import { productsOf } from "../../src/engine/products";

const randomly = (seed: number) => {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
};

const SIZES = [1, 3, 4, 7, 12, 33];

/** The product as it is written in a book, added to what was there; rows before the first and after the last stay. */
const expected = (before: Float64Array, matrix: Matrix, weights: Float32Array, input: Float64Array, count: number) =>
  before.map((value, at) => {
    const [row, g] = [Math.floor(at / matrix.rows) - 1, at % matrix.rows];
    const columns = input.length / (count + 1);
    if (row < 0 || row >= count || g >= weights.length / columns) return value;
    const own = weights.subarray(g * columns, (g + 1) * columns);
    return own.reduce((sum, weight, j) => sum + weight * input[(row + 1) * columns + j], value);
  });

const CASES = SIZES.flatMap((rows) =>
  SIZES.flatMap((columns) => [1, 2, 4, 5, 66].map((count) => [rows, columns, count] as const)),
);

test.each([
  ["WebAssembly", undefined],
  ["JavaScript", null],
])("a product in %s is the sum that it stands for, whatever the sizes", (_name, module) => {
  for (const [rows, columns, count] of CASES) {
    const next = randomly(rows * 100 + columns);
    const weights = Float32Array.from({ length: rows * columns }, next);
    const matrix = matrixOf(weights, rows, columns);
    const layer: Layer = { inputs: [], hidden: matrix, bias: new Float64Array(), hiddenBias: new Float64Array() };
    const input = Float64Array.from({ length: (count + 1) * columns }, next);
    const out = Float64Array.from({ length: (count + 2) * matrix.rows }, next);
    const wanted = expected(out.slice(), matrix, weights, input, count);
    productsOf([[layer]], module)(matrix, input, columns, columns, count, out, matrix.rows);
    const worst = wanted.reduce((most, value, at) => Math.max(most, Math.abs(out[at] - value)), 0);
    expect(worst).toBeLessThan(1e-12);
  }
});

test("a browser with WebAssembly uses it, and one without does not", () => {
  const matrix = matrixOf(new Float32Array(4), 2, 2);
  const layer: Layer = { inputs: [], hidden: matrix, bias: new Float64Array(), hiddenBias: new Float64Array() };
  expect(productsOf([[layer]])).not.toBe(addProduct);
  expect(productsOf([[layer]], null)).toBe(addProduct);
});
