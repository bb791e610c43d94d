// What takes the time of a reading: in WebAssembly where the browser and the page's policy allow it, in plain JavaScript
// elsewhere.
//
// One text is read in doubles. Many texts at once are read in floats by WebAssembly, as PyTorch reads them: only their
// answers are shown, to four digits. Plain JavaScript has doubles everywhere.

import { bytesOf } from "../model/base64";
import { type Held, type State, stepOf } from "./cells";
import { KERNEL } from "./kernelWasm";
import type { Layers } from "./layers";
import { addProduct, type Matrix, type Numbers } from "./matrix";
import type { ModelConfig } from "./network";

export interface Kernel {
  /** Make room for so many doubles, or floats; what was given before is invalid from now on. Each lot of rows takes
   * MORE_ROWS more. */
  clear(numbers: number, kind: "doubles" | "floats"): void;
  /** Zeros for one text. */
  doubles(count: number): Float64Array;
  /** Rows of zeros for many texts. */
  rows(count: number, width: number): Numbers;
  /** As in matrix.ts. Fastest where input and output are of this kernel. */
  addProduct: typeof addProduct;
  /** Take so many texts, from one on, a step on. Their gates and sums begin at 0, `stride` from row to row. */
  step(
    gates: Numbers,
    sums: Numbers,
    stride: number,
    state: State,
    from: number,
    texts: number,
    held: Held | null,
  ): void;
}

/** The functions of wasm/kernel.wat; all addresses in bytes. */
interface Exports {
  memory: WebAssembly.Memory;
  add32(matrix: number, rows: number, columns: number, input: number, groups: number, out: number): void;
  add64(matrix: number, rows: number, columns: number, input: number, groups: number, out: number): void;
  add64One(matrix: number, rows: number, columns: number, input: number, out: number): void;
  lstm(units: number, stride: number, gates: number, held: number, hidden: number, cell: number, texts: number): void;
  gru(units: number, stride: number, gates: number, sums: number, held: number, hidden: number, texts: number): void;
  tanh: Squash;
  relu: Squash;
}
type Squash = (units: number, stride: number, gates: number, held: number, hidden: number, texts: number) => void;

const PAGE = 65_536;
const [DOUBLE, FLOAT] = [8, 4];
/** Rows that are done at once. */
const GROUP = 4;
/** So many more rows than there are texts may be read and written. */
export const MORE_ROWS = GROUP - 1;
/** A network whose matrices take more is left to JavaScript. */
const MOST_BYTES = 128_000_000;

let compiled: WebAssembly.Module | null | undefined;

/** The kernel, compiled once; null where the browser or the page's policy refuses it. */
const module = (): WebAssembly.Module | null => {
  if (compiled === undefined) {
    try {
      compiled = new WebAssembly.Module(bytesOf(KERNEL));
    } catch {
      compiled = null;
    }
  }
  return compiled;
};

/** What reads with these layers; without a module, plain JavaScript. */
export const kernelOf = (config: ModelConfig, layers: Layers, code = module()): Kernel => {
  const matrices = layers.flat().flatMap((layer) => [...layer.inputs, layer.hidden]);
  const numbers = matrices.reduce((sum, { data }) => sum + data.length, 0);
  const fits = (DOUBLE + FLOAT) * numbers <= MOST_BYTES && config.hidden_size % GROUP === 0;
  return code !== null && fits ? new InWasm(config, matrices, code) : new Plain(config);
};

export class Plain implements Kernel {
  readonly addProduct = addProduct;
  readonly #units: number;
  readonly #step: ReturnType<typeof stepOf>;

  constructor(config: ModelConfig) {
    this.#units = config.hidden_size;
    this.#step = stepOf(config);
  }

  clear(): void {}

  doubles(count: number): Float64Array {
    return new Float64Array(count);
  }

  rows(count: number, width: number): Numbers {
    return new Float64Array(count * width);
  }

  step(gates: Numbers, sums: Numbers, stride: number, state: State, from: number, texts: number, held: Held | null) {
    for (let text = 0; text < texts; text += 1) {
      this.#step(this.#units, gates, sums, text * stride, state, (from + text) * this.#units, held);
    }
  }
}

/** The matrices lie in the memory of an instance of their own, in doubles and in floats; after them what is read. */
class InWasm implements Kernel {
  readonly #wasm: Exports;
  readonly #config: ModelConfig;
  /** Where each matrix begins in doubles, and where in floats. */
  readonly #places = new Map<Matrix, { doubles: number; floats: number }>();
  /** One value for each gate at `held`, of which those that are no numbers count for nothing. */
  readonly #held: number;
  readonly #stride: number;
  #end: number;
  readonly #start: number;

  constructor(config: ModelConfig, matrices: readonly Matrix[], code: WebAssembly.Module) {
    this.#wasm = new WebAssembly.Instance(code).exports as unknown as Exports;
    this.#config = config;
    this.#stride = matrices[0].rows;
    const numbers = matrices.reduce((sum, { data }) => sum + data.length, 0);
    this.#held = (DOUBLE + FLOAT) * numbers;
    this.#start = this.#end = this.#held + DOUBLE * this.#stride;
    this.#grow(this.#end);
    const { buffer } = this.#wasm.memory;
    let place = 0;
    for (const matrix of matrices) {
      const size = matrix.data.length;
      this.#places.set(matrix, { doubles: DOUBLE * place, floats: DOUBLE * numbers + FLOAT * place });
      new Float64Array(buffer, DOUBLE * place, size).set(matrix.data);
      inEights(matrix, new Float32Array(buffer, DOUBLE * numbers + FLOAT * place, size));
      place += size;
    }
  }

  clear(numbers: number, kind: "doubles" | "floats"): void {
    this.#end = this.#start;
    this.#grow(this.#end + (kind === "doubles" ? DOUBLE : FLOAT) * numbers);
  }

  doubles(count: number): Float64Array {
    return new Float64Array(this.#wasm.memory.buffer, this.#take(DOUBLE * count), count).fill(0);
  }

  rows(count: number, width: number): Numbers {
    const all = (count + MORE_ROWS) * width;
    return new Float32Array(this.#wasm.memory.buffer, this.#take(FLOAT * all), all).fill(0);
  }

  readonly addProduct: Kernel["addProduct"] = (matrix, input, inputAt, count, out, outAt) => {
    const place = this.#places.get(matrix);
    const { buffer } = this.#wasm.memory;
    if (place === undefined || input.buffer !== buffer || out.buffer !== buffer) {
      addProduct(matrix, input, inputAt, count, out, outAt);
      return;
    }
    const size = out.BYTES_PER_ELEMENT;
    const { rows, columns } = matrix;
    const [from, to] = [input.byteOffset + size * inputAt, out.byteOffset + size * outAt];
    if (size === FLOAT) {
      this.#wasm.add32(place.floats, rows, columns, from, Math.ceil(count / GROUP), to);
      return;
    }
    const groups = Math.floor(count / GROUP);
    this.#wasm.add64(place.doubles, rows, columns, from, groups, to);
    for (let row = groups * GROUP; row < count; row += 1) {
      this.#wasm.add64One(place.doubles, rows, columns, from + size * row * columns, to + size * row * rows);
    }
  };

  step(gates: Numbers, sums: Numbers, stride: number, state: State, from: number, texts: number, held: Held | null) {
    const { cell, nonlinearity, hidden_size } = this.#config;
    const [units, at] = [FLOAT * hidden_size, this.#hold(held)];
    const hidden = state.hidden.byteOffset + units * from;
    const [own, apart] = [gates.byteOffset, sums.byteOffset];
    if (cell === "lstm") {
      this.#wasm.lstm(units, FLOAT * stride, own, at, hidden, state.cell.byteOffset + units * from, texts);
    } else if (cell === "gru") this.#wasm.gru(units, FLOAT * stride, own, apart, at, hidden, texts);
    else this.#wasm[nonlinearity](units, FLOAT * stride, own, at, hidden, texts);
  }

  #hold(held: Held | null): number {
    const values = new Float32Array(this.#wasm.memory.buffer, this.#held, this.#stride).fill(Number.NaN);
    held?.places.forEach((place, k) => {
      values[place] = held.values[k];
    });
    return this.#held;
  }

  #take(bytes: number): number {
    const start = this.#end;
    this.#end += Math.ceil(bytes / DOUBLE) * DOUBLE;
    return start;
  }

  #grow(bytes: number): void {
    const { memory } = this.#wasm;
    const missing = bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  }
}

/** The rows of a matrix eight by eight side by side. */
const inEights = ({ rows, columns, data }: Matrix, out: Float32Array): void => {
  for (let row = 0; row < rows; row += 4) {
    const [from, to] = [row * columns, (row & ~7) * columns + (row & 4)];
    for (let j = 0; j < columns; j += 1) {
      for (let k = 0; k < 4; k += 1) out[to + 8 * j + k] = data[from + 4 * j + k];
    }
  }
};
