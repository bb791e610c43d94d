// The products of a network's matrices with many rows at once, in WebAssembly where the browser and the page's policy
// allow it, and in plain JavaScript elsewhere: the same sums in another order.

import { bytesOf } from "../model/base64";
import type { Layers } from "./layers";
import { addProduct, type Matrix } from "./matrix";
import { PRODUCTS } from "./productsWasm";

/** As `addProduct` of matrix.ts. */
export type AddProduct = typeof addProduct;

interface Exports {
  memory: WebAssembly.Memory;
  add(matrix: number, rows: number, columns: number, input: number, groups: number, out: number): void;
}

/** Rows that are done at once; of fewer than four JavaScript is as fast. */
const MOST_ROWS = 64;
const LEAST_ROWS = 4;
const PAGE = 65_536;
const NUMBER = 8;
/** A network whose matrices take more is left to JavaScript. */
const MOST_BYTES = 128_000_000;

let compiled: WebAssembly.Module | null | undefined;

/** The kernel, compiled once; null where the browser or the page's policy refuses it. */
const kernel = (): WebAssembly.Module | null => {
  if (compiled === undefined) {
    try {
      compiled = new WebAssembly.Module(bytesOf(PRODUCTS));
    } catch {
      compiled = null;
    }
  }
  return compiled;
};

/** What multiplies by the matrices of these layers; without a module, plain JavaScript. */
export const productsOf = (layers: Layers, module = kernel()): AddProduct => {
  const matrices = layers.flat().flatMap((layer) => [...layer.inputs, layer.hidden]);
  const bytes = NUMBER * matrices.reduce((sum, { data }) => sum + data.length, 0);
  return module === null || bytes > MOST_BYTES ? addProduct : inWasm(module, matrices);
};

/** The matrices lie in the memory of an instance of their own, after one batch of input and output. */
const inWasm = (module: WebAssembly.Module, matrices: readonly Matrix[]): AddProduct => {
  const { memory, add } = new WebAssembly.Instance(module).exports as unknown as Exports;
  const most = (sizes: number[]) => MOST_ROWS * sizes.reduce((one, other) => Math.max(one, other), 0);
  const [input, out] = [0, most(matrices.map(({ columns }) => columns))];
  const places = new Map<Matrix, number>();
  let end = out + most(matrices.map(({ rows }) => rows));
  for (const matrix of matrices) {
    places.set(matrix, end);
    end += matrix.data.length;
  }
  memory.grow(Math.ceil((NUMBER * end) / PAGE));
  const numbers = new Float64Array(memory.buffer);
  for (const [matrix, place] of places) numbers.set(matrix.data, place);
  return (matrix, from, fromAt, width, count, to, toAt) => {
    const place = places.get(matrix);
    const { rows, columns } = matrix;
    if (place === undefined || width !== columns || count < LEAST_ROWS) {
      addProduct(matrix, from, fromAt, width, count, to, toAt);
      return;
    }
    for (let row = 0; row < count; row += MOST_ROWS) {
      const size = Math.min(MOST_ROWS, count - row);
      const [inAt, outAt] = [fromAt + row * columns, toAt + row * rows];
      numbers.set(from.subarray(inAt, inAt + size * columns), input);
      numbers.set(to.subarray(outAt, outAt + size * rows), out);
      add(NUMBER * place, rows, columns, NUMBER * input, Math.ceil(size / 4), NUMBER * out);
      to.set(numbers.subarray(out, out + size * rows), outAt);
    }
  };
};
