// Matrix products in double precision: two rows of the input by four of the matrix at a time, eight sums in registers.

/** Doubles, or floats where memory and time are short. */
export type Numbers = Float64Array | Float32Array;

/** A matrix whose rows lie four by four side by side; filled up with rows of zeros. */
export interface Matrix {
  /** A multiple of eight. */
  rows: number;
  columns: number;
  data: Float64Array;
}

/** The next multiple of eight, so that nothing is left over where four or eight rows are done at once. */
export const filledUp = (rows: number): number => (rows + 7) & ~7;

/** Some columns of a matrix [rows, width] in row-major order. */
export const matrixOf = (data: Float32Array, rows: number, width: number, from = 0, columns = width): Matrix => {
  const packed = new Float64Array(filledUp(rows) * columns);
  for (let row = 0; row < rows; row += 1) {
    const start = (row >> 2) * 4 * columns + (row & 3);
    for (let j = 0; j < columns; j += 1) packed[start + 4 * j] = data[row * width + from + j];
  }
  return { rows: filledUp(rows), columns, data: packed };
};

/**
 * out[r, g] += Σ_j matrix[g, j] · input[r, j], for `count` rows of the input, which begin at `inputAt`.
 *
 * The rows of the output, from `outAt` on, are as long as the matrix has rows.
 */
export const addProduct = (
  matrix: Matrix,
  input: Numbers,
  inputAt: number,
  count: number,
  out: Numbers,
  outAt: number,
): void => {
  const width = matrix.columns;
  let row = 0;
  for (; row + 1 < count; row += 2) {
    const at = inputAt + row * width;
    addTwo(matrix, input, at, at + width, out, outAt + row * matrix.rows);
  }
  if (row < count) addOne(matrix, input, inputAt + row * width, out, outAt + row * matrix.rows);
};

const addTwo = (
  { rows, columns, data }: Matrix,
  input: Numbers,
  first: number,
  second: number,
  out: Numbers,
  outAt: number,
): void => {
  let w = 0;
  for (let g = outAt; g < outAt + rows; g += 4) {
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let b0 = 0;
    let b1 = 0;
    let b2 = 0;
    let b3 = 0;
    let x = first;
    let y = second;
    for (const end = w + 4 * columns; w < end; w += 4) {
      const one = input[x++];
      const other = input[y++];
      const w0 = data[w];
      const w1 = data[w + 1];
      const w2 = data[w + 2];
      const w3 = data[w + 3];
      a0 += w0 * one;
      a1 += w1 * one;
      a2 += w2 * one;
      a3 += w3 * one;
      b0 += w0 * other;
      b1 += w1 * other;
      b2 += w2 * other;
      b3 += w3 * other;
    }
    out[g] += a0;
    out[g + 1] += a1;
    out[g + 2] += a2;
    out[g + 3] += a3;
    out[g + rows] += b0;
    out[g + rows + 1] += b1;
    out[g + rows + 2] += b2;
    out[g + rows + 3] += b3;
  }
};

const addOne = ({ rows, columns, data }: Matrix, input: Numbers, first: number, out: Numbers, outAt: number): void => {
  let w = 0;
  for (let g = outAt; g < outAt + rows; g += 4) {
    let a0 = 0;
    let a1 = 0;
    let a2 = 0;
    let a3 = 0;
    let x = first;
    for (const end = w + 4 * columns; w < end; w += 4) {
      const one = input[x++];
      a0 += data[w] * one;
      a1 += data[w + 1] * one;
      a2 += data[w + 2] * one;
      a3 += data[w + 3] * one;
    }
    out[g] += a0;
    out[g + 1] += a1;
    out[g + 2] += a2;
    out[g + 3] += a3;
  }
};
