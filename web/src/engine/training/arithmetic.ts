// Where the numbers of a training lie, and how matrices of them are multiplied: in WebAssembly two at a time, or plainly.
//
// WebAssembly needs its numbers in one memory, which does not grow, as views of what had grown would be lost. What does
// not fit in lies elsewhere and is multiplied plainly.

import { bytesOf } from "../../model/base64";
import { addProduct, type Product } from "./products";
import { PRODUCTS } from "./productsWasm";

export class Arithmetic {
  /** Room for so many numbers, all zero. */
  numbers(count: number): Float64Array {
    return new Float64Array(count);
  }

  protected add(product: Product): void {
    addProduct(product);
  }

  /** out[row, column] += Σ over k of left[row, k] · right[k, column]; the rows begin at `outAt` and `leftAt`. */
  addProducts(
    out: Float64Array,
    outAt: number,
    left: Float64Array,
    leftAt: number,
    right: Float64Array,
    rows: number,
    columns: number,
    inner: number,
  ): void {
    const from = { left, leftAt, down: inner, along: 1, right, rightAt: 0 };
    this.add({ out, outAt, ...from, width: columns, rows, columns, inner });
  }

  /** out[i, j] += Σ over rows of left[row, i] · right[row, j]: the gradient of a matrix of weights. */
  addOuterProducts(
    out: Float64Array,
    left: Float64Array,
    leftAt: number,
    right: Float64Array,
    rightAt: number,
    rows: number,
    lefts: number,
    rights: number,
  ): void {
    const from = { left, leftAt, down: 1, along: lefts, right, rightAt };
    this.add({ out, outAt: 0, ...from, width: rights, rows: lefts, columns: rights, inner: rows });
  }
}

export const plain = new Arithmetic();

/** The function of wasm/training.wat; addresses, steps and the width in bytes. */
type Add = (
  out: number,
  left: number,
  down: number,
  along: number,
  right: number,
  width: number,
  rows: number,
  columns: number,
  inner: number,
) => void;

const PAGE = 65_536;
const MEGABYTES = 64; // twice what the largest training of the page needs; what is not used takes none
const NUMBER = 8; // bytes

/** Arithmetic with a memory of its own; the plain one where WebAssembly is missing, or a policy forbids it. */
export const fastArithmetic = (megabytes = MEGABYTES): Arithmetic => {
  try {
    const pages = (megabytes * 2 ** 20) / PAGE;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytesOf(PRODUCTS)), { env: { memory } });
    return new Fast(memory.buffer, (exports as { add: unknown }).add as Add);
  } catch {
    return plain;
  }
};

class Fast extends Arithmetic {
  readonly #buffer: ArrayBuffer;
  readonly #add: Add;
  #end = 0;

  constructor(buffer: ArrayBuffer, add: Add) {
    super();
    this.#buffer = buffer;
    this.#add = add;
  }

  override numbers(count: number): Float64Array {
    const start = this.#end;
    if (start + NUMBER * count > this.#buffer.byteLength) return super.numbers(count);
    this.#end += NUMBER * count;
    return new Float64Array(this.#buffer, start, count);
  }

  /** Whole groups of four rows and columns; what is left over, plainly. */
  protected override add(product: Product): void {
    const { out, left, right, rows, columns, inner, outAt, leftAt, down, width } = product;
    const here = [out, left, right].every(({ buffer }) => buffer === this.#buffer);
    const [fours, blocks] = [rows - (rows % 4), columns - (columns % 4)];
    if (!(here && fours && blocks && inner)) {
      addProduct(product);
      return;
    }
    this.#add(
      out.byteOffset + NUMBER * outAt,
      left.byteOffset + NUMBER * leftAt,
      NUMBER * down,
      NUMBER * product.along,
      right.byteOffset + NUMBER * product.rightAt,
      NUMBER * width,
      fours,
      blocks,
      inner,
    );
    if (blocks < columns) {
      const beside = { outAt: outAt + blocks, rightAt: product.rightAt + blocks, columns: columns - blocks };
      addProduct({ ...product, ...beside, rows: fours });
    }
    if (fours < rows) {
      const below = { outAt: outAt + fours * width, leftAt: leftAt + fours * down, rows: rows - fours };
      addProduct({ ...product, ...below });
    }
  }
}
