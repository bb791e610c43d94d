// Products of matrices in row-major order, in double: where nearly all of a training's time goes.
//
// ../matrix.ts, and wasm/kernel.wat for it, have a matrix of weights packed once, which is 10 to 30 % faster. Here weights
// change at every step, and the way back reads them and the states turned.
//
// Blocks of two rows by four columns keep eight sums in registers: about four times as fast as the plain loop. In these
// loops nothing is taken apart with [a, b] = …, which V8 makes an array for (a quarter of the speed).

/** out[row, column] += Σ over k of left[row, k] · right[k, column]. */
export interface Product {
  out: Float64Array;
  outAt: number;
  /** Number [row, k] lies at leftAt + row · down + k · along, so a matrix may be read turned. */
  left: Float64Array;
  leftAt: number;
  down: number;
  along: number;
  right: Float64Array;
  rightAt: number;
  /** From row to row of `out` and of `right`, of which `columns` are used. */
  width: number;
  rows: number;
  columns: number;
  inner: number;
}

export const addProduct = (product: Product): void => {
  const { out, outAt, left, leftAt, down, along, right, rightAt, width, rows, columns, inner } = product;
  const blocks = columns - (columns % 4);
  const pairs = rows - (rows % 2);
  for (let column = 0; column < blocks; column += 4) {
    const from = rightAt + column;
    for (let row = 0; row < pairs; row += 2) {
      const to = outAt + row * width + column;
      addBlock(out, to, width, left, leftAt + row * down, down, along, right, from, inner);
    }
    if (pairs < rows)
      addRow(out, outAt + pairs * width + column, left, leftAt + pairs * down, along, right, from, width, inner);
  }
  for (let column = blocks; column < columns; column += 1) {
    for (let row = 0; row < rows; row += 1) {
      let sum = 0;
      for (let k = 0; k < inner; k += 1) {
        sum += left[leftAt + row * down + k * along] * right[rightAt + k * width + column];
      }
      out[outAt + row * width + column] += sum;
    }
  }
};

/** Two rows by four columns. */
const addBlock = (
  out: Float64Array,
  to: number,
  width: number,
  left: Float64Array,
  leftAt: number,
  down: number,
  along: number,
  right: Float64Array,
  rightAt: number,
  inner: number,
): void => {
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  let one = leftAt;
  let at = rightAt;
  for (let k = 0; k < inner; k += 1) {
    const x = left[one];
    const y = left[one + down];
    const v0 = right[at];
    const v1 = right[at + 1];
    const v2 = right[at + 2];
    const v3 = right[at + 3];
    a0 += x * v0;
    a1 += x * v1;
    a2 += x * v2;
    a3 += x * v3;
    b0 += y * v0;
    b1 += y * v1;
    b2 += y * v2;
    b3 += y * v3;
    one += along;
    at += width;
  }
  addFour(out, to, a0, a1, a2, a3);
  addFour(out, to + width, b0, b1, b2, b3);
};

/** One row by four columns. */
const addRow = (
  out: Float64Array,
  to: number,
  left: Float64Array,
  leftAt: number,
  along: number,
  right: Float64Array,
  rightAt: number,
  width: number,
  inner: number,
): void => {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let at = rightAt;
  for (let k = 0; k < inner; k += 1) {
    const x = left[leftAt + k * along];
    s0 += x * right[at];
    s1 += x * right[at + 1];
    s2 += x * right[at + 2];
    s3 += x * right[at + 3];
    at += width;
  }
  addFour(out, to, s0, s1, s2, s3);
};

const addFour = (out: Float64Array, at: number, s0: number, s1: number, s2: number, s3: number): void => {
  out[at] += s0;
  out[at + 1] += s1;
  out[at + 2] += s2;
  out[at + 3] += s3;
};

/** target[column, row] = source[row, column]. */
export const transpose = (target: Float64Array, source: Float64Array, rows: number, columns: number): void => {
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) target[column * rows + row] = source[row * columns + column];
  }
};

/** Adds every row to one row of sums: the gradient of a bias. */
export const addRows = (out: Float64Array, rows: Float64Array, count: number, columns: number): void => {
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < columns; column += 1) out[column] += rows[row * columns + column];
  }
};
