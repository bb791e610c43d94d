// Products of matrices in row-major order, in double: where nearly all of a training's time goes.
//
// Blocks of two rows by four columns keep eight sums in registers: about four times as fast as the plain loop. In these
// loops nothing is taken apart with [a, b] = …, which V8 makes an array for (a quarter of the speed).

const ROWS_AT_ONCE = 64; // of a sum over rows, so that both matrices' rows stay in the processor's nearest cache

/** out[row, column] += Σ over k of left[row, k] · right[column, k]; the rows begin at `outStart` and `leftStart`. */
export const addProducts = (
  out: Float64Array,
  outStart: number,
  left: Float64Array,
  leftStart: number,
  right: Float64Array,
  rows: number,
  columns: number,
  inner: number,
): void => {
  const blocks = columns - (columns % 4);
  const pairs = rows - (rows % 2);
  for (let column = 0; column < blocks; column += 4) {
    const first = column * inner;
    for (let row = 0; row < pairs; row += 2) {
      addTwoRows(out, outStart + row * columns + column, columns, left, leftStart + row * inner, right, first, inner);
    }
    if (pairs < rows) {
      addOneRow(out, outStart + pairs * columns + column, left, leftStart + pairs * inner, right, first, inner);
    }
  }
  for (let column = blocks; column < columns; column += 1) {
    for (let row = 0; row < rows; row += 1) {
      out[outStart + row * columns + column] += dot(left, leftStart + row * inner, right, column * inner, inner);
    }
  }
};

/** Two rows by four columns. */
const addTwoRows = (
  out: Float64Array,
  at: number,
  columns: number,
  left: Float64Array,
  one: number,
  right: Float64Array,
  first: number,
  inner: number,
): void => {
  const two = one + inner;
  const second = first + inner;
  const third = second + inner;
  const fourth = third + inner;
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let k = 0; k < inner; k += 1) {
    const x = left[one + k];
    const y = left[two + k];
    const v0 = right[first + k];
    const v1 = right[second + k];
    const v2 = right[third + k];
    const v3 = right[fourth + k];
    a0 += x * v0;
    a1 += x * v1;
    a2 += x * v2;
    a3 += x * v3;
    b0 += y * v0;
    b1 += y * v1;
    b2 += y * v2;
    b3 += y * v3;
  }
  addFour(out, at, a0, a1, a2, a3);
  addFour(out, at + columns, b0, b1, b2, b3);
};

/** One row by four columns. */
const addOneRow = (
  out: Float64Array,
  at: number,
  left: Float64Array,
  row: number,
  right: Float64Array,
  first: number,
  inner: number,
): void => {
  const second = first + inner;
  const third = second + inner;
  const fourth = third + inner;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let k = 0; k < inner; k += 1) {
    const x = left[row + k];
    s0 += x * right[first + k];
    s1 += x * right[second + k];
    s2 += x * right[third + k];
    s3 += x * right[fourth + k];
  }
  addFour(out, at, s0, s1, s2, s3);
};

const addFour = (out: Float64Array, at: number, s0: number, s1: number, s2: number, s3: number): void => {
  out[at] += s0;
  out[at + 1] += s1;
  out[at + 2] += s2;
  out[at + 3] += s3;
};

const dot = (left: Float64Array, one: number, right: Float64Array, other: number, inner: number): number => {
  let sum = 0;
  for (let k = 0; k < inner; k += 1) sum += left[one + k] * right[other + k];
  return sum;
};

/** out[i, j] += Σ over rows of left[row, i] · right[row, j]: the gradient of a matrix of weights. */
export const addOuterProducts = (
  out: Float64Array,
  left: Float64Array,
  leftStart: number,
  right: Float64Array,
  rightStart: number,
  rows: number,
  lefts: number,
  rights: number,
): void => {
  const blocks = rights - (rights % 4);
  const pairs = lefts - (lefts % 2);
  for (let start = 0; start < rows; start += ROWS_AT_ONCE) {
    const end = Math.min(rows, start + ROWS_AT_ONCE);
    for (let i = 0; i < lefts; i += 1) {
      const from = i < pairs ? blocks : 0; // what no block of two by four holds
      for (let j = from; j < rights; j += 1) {
        let sum = 0;
        for (let row = start; row < end; row += 1) {
          sum += left[leftStart + row * lefts + i] * right[rightStart + row * rights + j];
        }
        out[i * rights + j] += sum;
      }
    }
    for (let i = 0; i < pairs; i += 2) {
      for (let j = 0; j < blocks; j += 4) {
        addBlock(out, i * rights + j, left, leftStart + i, right, rightStart + j, start, end, lefts, rights);
      }
    }
  }
};

const addBlock = (
  out: Float64Array,
  at: number,
  left: Float64Array,
  leftStart: number,
  right: Float64Array,
  rightStart: number,
  start: number,
  end: number,
  lefts: number,
  rights: number,
): void => {
  let a0 = 0;
  let a1 = 0;
  let a2 = 0;
  let a3 = 0;
  let b0 = 0;
  let b1 = 0;
  let b2 = 0;
  let b3 = 0;
  for (let row = start; row < end; row += 1) {
    const l = leftStart + row * lefts;
    const r = rightStart + row * rights;
    const x = left[l];
    const y = left[l + 1];
    const v0 = right[r];
    const v1 = right[r + 1];
    const v2 = right[r + 2];
    const v3 = right[r + 3];
    a0 += x * v0;
    a1 += x * v1;
    a2 += x * v2;
    a3 += x * v3;
    b0 += y * v0;
    b1 += y * v1;
    b2 += y * v2;
    b3 += y * v3;
  }
  addFour(out, at, a0, a1, a2, a3);
  addFour(out, at + rights, b0, b1, b2, b3);
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
