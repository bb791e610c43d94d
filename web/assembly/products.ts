// The products of src/engine/training/products.ts in AssemblyScript: two doubles at a time. Addresses are in bytes.
//
// Compiled into src/engine/training/productsCode.ts by `node assembly/compile.mjs`, which says what it needs. A test
// holds what is compiled to the plain products.

/** out[row, column] += Σ over k of left[row, k] · right[column, k]. */
export function addProducts(out: usize, left: usize, right: usize, rows: i32, columns: i32, inner: i32): void {
  const width = bytes(inner);
  const below = bytes(columns);
  const blocks = columns & ~3;
  const pairs = rows & ~1;
  for (let column = 0; column < blocks; column += 4) {
    const weights = right + bytes(column) * <usize>inner;
    for (let row = 0; row < pairs; row += 2) {
      addTwoRows(out + <usize>row * below + bytes(column), below, left + <usize>row * width, weights, width);
    }
    if (pairs < rows) addOneRow(out + <usize>pairs * below + bytes(column), left + <usize>pairs * width, weights, width);
  }
  for (let column = blocks; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      addOne(out + <usize>row * below + bytes(column), left + <usize>row * width, right + <usize>column * width, width);
    }
  }
}

/** out[i, j] += Σ over rows of left[row, i] · right[row, j]. */
export function addOuterProducts(out: usize, left: usize, right: usize, rows: i32, lefts: i32, rights: i32): void {
  const wide = bytes(rights);
  const fours = lefts & ~3;
  const blocks = rights & ~3;
  for (let i = 0; i < fours; i += 4) {
    for (let j = 0; j < blocks; j += 4) {
      addBlock(out + <usize>i * wide + bytes(j), wide, left + bytes(i), bytes(lefts), right + bytes(j), rows);
    }
  }
  for (let i = 0; i < lefts; i++) {
    for (let j = i < fours ? blocks : 0; j < rights; j++) {
      let sum: f64 = 0;
      for (let row = 0; row < rows; row++) {
        sum += load<f64>(left + bytes(row * lefts + i)) * load<f64>(right + bytes(row * rights + j));
      }
      const at = out + <usize>i * wide + bytes(j);
      store<f64>(at, load<f64>(at) + sum);
    }
  }
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function bytes(count: i32): usize {
  return (<usize>count) << 3;
}

/** Two rows by four columns. */
function addTwoRows(out: usize, below: usize, left: usize, right: usize, width: usize): void {
  const even = width & ~15;
  const next = left + width;
  const second = right + width;
  const third = second + width;
  const fourth = third + width;
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let b0 = a0;
  let b1 = a0;
  let b2 = a0;
  let b3 = a0;
  for (let k: usize = 0; k < even; k += 16) {
    const x = v128.load(left + k);
    const y = v128.load(next + k);
    const v0 = v128.load(right + k);
    const v1 = v128.load(second + k);
    const v2 = v128.load(third + k);
    const v3 = v128.load(fourth + k);
    a0 = f64x2.add(a0, f64x2.mul(x, v0));
    a1 = f64x2.add(a1, f64x2.mul(x, v1));
    a2 = f64x2.add(a2, f64x2.mul(x, v2));
    a3 = f64x2.add(a3, f64x2.mul(x, v3));
    b0 = f64x2.add(b0, f64x2.mul(y, v0));
    b1 = f64x2.add(b1, f64x2.mul(y, v1));
    b2 = f64x2.add(b2, f64x2.mul(y, v2));
    b3 = f64x2.add(b3, f64x2.mul(y, v3));
  }
  addFour(out, a0, a1, a2, a3);
  addFour(out + below, b0, b1, b2, b3);
  if (even < width) {
    addLast(out, left + even, right + even, width);
    addLast(out + below, next + even, right + even, width);
  }
}

/** One row by four columns. */
function addOneRow(out: usize, left: usize, right: usize, width: usize): void {
  const even = width & ~15;
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (let k: usize = 0; k < even; k += 16) {
    const x = v128.load(left + k);
    s0 = f64x2.add(s0, f64x2.mul(x, v128.load(right + k)));
    s1 = f64x2.add(s1, f64x2.mul(x, v128.load(right + width + k)));
    s2 = f64x2.add(s2, f64x2.mul(x, v128.load(right + 2 * width + k)));
    s3 = f64x2.add(s3, f64x2.mul(x, v128.load(right + 3 * width + k)));
  }
  addFour(out, s0, s1, s2, s3);
  if (even < width) addLast(out, left + even, right + even, width);
}

/** The last term of four sums with an odd number of terms. */
function addLast(out: usize, left: usize, right: usize, width: usize): void {
  const x = load<f64>(left);
  for (let column: usize = 0; column < 4; column++) {
    const at = out + (column << 3);
    store<f64>(at, load<f64>(at) + x * load<f64>(right + column * width));
  }
}

function addOne(out: usize, left: usize, right: usize, width: usize): void {
  let sum: f64 = 0;
  for (let k: usize = 0; k < width; k += 8) sum += load<f64>(left + k) * load<f64>(right + k);
  store<f64>(out, load<f64>(out) + sum);
}

/** Four rows of the result by four columns. */
function addBlock(out: usize, wide: usize, left: usize, step: usize, right: usize, rows: i32): void {
  let a0 = f64x2.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  for (let row = 0; row < rows; row++) {
    const v0 = v128.load(right);
    const v1 = v128.load(right + 16);
    const x = v128.load64_splat(left);
    const y = v128.load64_splat(left + 8);
    const z = v128.load64_splat(left + 16);
    const w = v128.load64_splat(left + 24);
    a0 = f64x2.add(a0, f64x2.mul(x, v0));
    a1 = f64x2.add(a1, f64x2.mul(x, v1));
    b0 = f64x2.add(b0, f64x2.mul(y, v0));
    b1 = f64x2.add(b1, f64x2.mul(y, v1));
    c0 = f64x2.add(c0, f64x2.mul(z, v0));
    c1 = f64x2.add(c1, f64x2.mul(z, v1));
    d0 = f64x2.add(d0, f64x2.mul(w, v0));
    d1 = f64x2.add(d1, f64x2.mul(w, v1));
    left += step;
    right += wide;
  }
  addTo(out, a0, a1);
  addTo(out + wide, b0, b1);
  addTo(out + 2 * wide, c0, c1);
  addTo(out + 3 * wide, d0, d1);
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function addFour(out: usize, s0: v128, s1: v128, s2: v128, s3: v128): void {
  addTo(out, lanes(s0, s1), lanes(s2, s3));
}

/** The sum of both lanes of one, and of the other. */
// @ts-ignore: a decorator of AssemblyScript
@inline
function lanes(one: v128, other: v128): v128 {
  return f64x2.add(v128.shuffle<f64>(one, other, 0, 2), v128.shuffle<f64>(one, other, 1, 3));
}

// @ts-ignore: a decorator of AssemblyScript
@inline
function addTo(out: usize, one: v128, other: v128): void {
  v128.store(out, f64x2.add(v128.load(out), one));
  v128.store(out + 16, f64x2.add(v128.load(out + 16), other));
}
