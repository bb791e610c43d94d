import { expect, test } from "vitest";
import type { Layer } from "../../src/engine/layers";
import { addProduct, matrixOf } from "../../src/engine/matrix";
import { productsOf } from "../../src/engine/products";

const randomly = (seed: number) => {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
};

const SIZES = [1, 3, 4, 7, 12, 33];

test.each([
  ["WebAssembly", undefined],
  ["JavaScript", null],
])("a product in %s is the sum that it stands for, whatever the sizes", (_name, module) => {
  for (const rows of SIZES) {
    for (const columns of SIZES) {
      const next = randomly(rows * 100 + columns);
      const weights = Float32Array.from({ length: rows * columns }, next);
      const matrix = matrixOf(weights, rows, columns);
      const layer: Layer = { inputs: [], hidden: matrix, bias: new Float64Array(), hiddenBias: new Float64Array() };
      const multiply = productsOf([[layer]], module);
      for (const count of [1, 2, 4, 5, 66]) {
        const input = Float64Array.from({ length: (count + 1) * columns }, next);
        const out = Float64Array.from({ length: (count + 2) * matrix.rows }, next);
        const before = out.slice();
        multiply(matrix, input, columns, columns, count, out, matrix.rows);
        let worst = 0;
        for (let at = 0; at < out.length; at += 1) {
          const [row, g] = [Math.floor(at / matrix.rows) - 1, at % matrix.rows];
          let sum = before[at];
          if (row >= 0 && row < count && g < rows) {
            for (let j = 0; j < columns; j += 1) sum += weights[g * columns + j] * input[(row + 1) * columns + j];
          }
          worst = Math.max(worst, Math.abs(out[at] - sum));
        }
        expect(worst).toBeLessThan(1e-12);
      }
    }
  }
});

test("a browser with WebAssembly uses it, and one without does not", () => {
  const matrix = matrixOf(new Float32Array(4), 2, 2);
  const layer: Layer = { inputs: [], hidden: matrix, bias: new Float64Array(), hiddenBias: new Float64Array() };
  expect(productsOf([[layer]])).not.toBe(addProduct);
  expect(productsOf([[layer]], null)).toBe(addProduct);
});
