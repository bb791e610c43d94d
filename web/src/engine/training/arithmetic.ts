// Where the numbers of a training lie, and how matrices of them are multiplied: in WebAssembly two at a time, or plainly.
//
// WebAssembly's products are two to five times as fast. They need their numbers in one memory, which does not grow, as
// views of what had grown would be lost. What does not fit in lies elsewhere and is multiplied plainly.

import { addOuterProducts, addProducts } from "./products";
import { CODE } from "./productsCode";

export interface Arithmetic {
  /** Room for so many numbers, all zero. */
  numbers(count: number): Float64Array;
  addProducts: typeof addProducts;
  addOuterProducts: typeof addOuterProducts;
}

export const plain: Arithmetic = { numbers: (count) => new Float64Array(count), addProducts, addOuterProducts };

/** The functions of assembly/products.ts; addresses and sizes. */
type Product = (out: number, left: number, right: number, one: number, two: number, three: number) => void;
interface Exports {
  addProducts: Product;
  addOuterProducts: Product;
}

const PAGE = 65_536;
const MEGABYTES = 64; // three times what the largest training of the page needs; what is not used takes none
const START = 1_024; // below it lies what the compiler keeps

/** Arithmetic with a memory of its own; the plain one where WebAssembly is missing, or a policy forbids it. */
export const fastArithmetic = (megabytes = MEGABYTES): Arithmetic => {
  try {
    const pages = (megabytes * 2 ** 20) / PAGE;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const module = new WebAssembly.Module(Uint8Array.from(atob(CODE), (letter) => letter.charCodeAt(0)));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return inMemory(memory.buffer, exports as unknown as Exports);
  } catch {
    return plain;
  }
};

const inMemory = (buffer: ArrayBuffer, fast: Exports): Arithmetic => {
  let end = START;
  const here = (one: Float64Array, two: Float64Array, three: Float64Array) =>
    one.buffer === buffer && two.buffer === buffer && three.buffer === buffer;
  return {
    numbers: (count) => {
      const start = end;
      if (start + 8 * count > buffer.byteLength) return new Float64Array(count);
      end += 8 * count;
      return new Float64Array(buffer, start, count);
    },
    addProducts: (out, outStart, left, leftStart, right, rows, columns, inner) => {
      if (!here(out, left, right)) return addProducts(out, outStart, left, leftStart, right, rows, columns, inner);
      const [to, from] = [out.byteOffset + 8 * outStart, left.byteOffset + 8 * leftStart];
      fast.addProducts(to, from, right.byteOffset, rows, columns, inner);
    },
    addOuterProducts: (out, left, leftStart, right, rightStart, rows, lefts, rights) => {
      if (!here(out, left, right)) {
        return addOuterProducts(out, left, leftStart, right, rightStart, rows, lefts, rights);
      }
      const [from, other] = [left.byteOffset + 8 * leftStart, right.byteOffset + 8 * rightStart];
      fast.addOuterProducts(out.byteOffset, from, other, rows, lefts, rights);
    },
  };
};
