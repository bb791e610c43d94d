// A file of weights in the safetensors format, read as if a stranger had written it: rnnviz/checkpoint/weights.py.

import { halfFrom } from "./half";
import type { Tensor, Weights } from "./network";
import { EngineError } from "./objection";
import { grouped } from "./pythonText";
import { FormatError, isObject, type Json, type JsonObject, jsonObject } from "./strictJson";

const MOST_HEADER = 64_000;
const MOST_TENSORS = 64;
const MOST_PHRASES = 64;
const LONGEST_NAME = 100;
const SIZES: Partial<Record<string, number>> = { F16: 2, F32: 4 };

interface Entry {
  name: string;
  kind: string;
  shape: number[];
  from: number;
  to: number;
}

/** The header of a file, in which nothing is declared that is not there. */
export interface Header {
  entries: Entry[];
  /** Where the numbers begin. */
  body: number;
}

/** Refuse a hostile or damaged file by its header alone, before anything is allocated for it. */
export const headerOf = (path: string, bytes: Uint8Array): Header => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length >= 8 ? Number(view.getBigUint64(0, true)) : 0;
  const refuse = (problem: string) => new EngineError("checkpoint_header", { path, problem });
  if (size > MOST_HEADER) throw refuse(`${grouped(size)} bytes; at most ${grouped(MOST_HEADER)}`);
  const least = 8 + Math.max(size, 2);
  if (bytes.length < least) throw damaged(path, `at least ${grouped(least)} bytes`, grouped(bytes.length));
  try {
    const entries = entriesOf(jsonObject(bytes.subarray(8, 8 + size)));
    const whole = 8 + size + entries.reduce((end, entry) => Math.max(end, entry.to), 0);
    if (bytes.length !== whole) throw damaged(path, `${grouped(whole)} bytes`, grouped(bytes.length));
    return { entries, body: 8 + size };
  } catch (error) {
    if (error instanceof FormatError) throw refuse(error.message);
    throw error;
  }
};

const damaged = (path: string, wanted: string, found: string): EngineError =>
  new EngineError("checkpoint_damaged", { path, wanted, found });

const entriesOf = (header: JsonObject): Entry[] => {
  const named = Object.entries(header).filter(([name]) => name !== "__metadata__");
  if (named.length > MOST_TENSORS) throw new FormatError(`${named.length} tensors; at most ${MOST_TENSORS}`);
  const entries = named.map(([name, entry]) => entryOf(name, entry));
  const strange = [...new Set(entries.map(({ kind }) => kind))].filter((kind) => !Object.hasOwn(SIZES, kind)).sort();
  if (strange.length) {
    const shown = strange.map((kind) => kind.replace(/[^ -~]/gu, "?").slice(0, 20));
    throw new FormatError(`numbers of type ${shown.join(", ")}; only F16 and F32 are read`);
  }
  return entries;
};

const entryOf = (name: string, entry: Json): Entry => {
  const { dtype: kind, shape, data_offsets: ends } = isObject(entry) ? entry : {};
  if (typeof kind !== "string" || !areCounts(shape) || !areCounts(ends) || ends.length !== 2) {
    throw new FormatError("it is no table of tensors");
  }
  return { name, kind, shape, from: ends[0], to: ends[1] };
};

const areCounts = (values: Json | undefined): values is number[] =>
  Array.isArray(values) && values.every((value) => Number.isSafeInteger(value) && Number(value) >= 0);

/** The tensors of a file, as float32; refused where they overlap, leave holes, or have other sizes than their shapes. */
export const tensorsOf = (path: string, bytes: Uint8Array, { entries, body }: Header): Weights => {
  const tensors = new Map<string, Tensor>();
  let end = 0;
  for (const { name, kind, shape, from, to } of [...entries].sort((one, other) => one.from - other.from)) {
    const count = shape.reduce((product, size) => product * size, 1);
    if (from !== end || to - from !== count * (SIZES[kind] ?? 0)) {
      throw new EngineError("checkpoint_header", { path, problem: `the place of ${shownName(name)} is not its own` });
    }
    end = to;
    const numbers = bytes.slice(body + from, body + to).buffer;
    tensors.set(name, { shape, data: kind === "F16" ? fromHalf(new Uint16Array(numbers)) : new Float32Array(numbers) });
  }
  return tensors;
};

/** Refuse tensors that are not those of a classifier with these settings, and name every one that differs. */
export const checkShapes = (path: string, weights: Weights, expected: ReadonlyMap<string, number[]>): void => {
  const problems = [
    ...[...expected.keys()].filter((name) => !weights.has(name)).map((name) => `${name} is missing`),
    ...[...weights.keys()].filter((name) => !expected.has(name)).map((name) => `${name} is not expected`),
  ];
  for (const [name, wanted] of expected) {
    const found = weights.get(name)?.shape;
    if (found && found.join() !== wanted.join()) {
      problems.push(`${name} is ${tuple(found)}, expected ${tuple(wanted)}`);
    }
  }
  if (problems.length) throw new EngineError("checkpoint_weights", { path, problem: problems.sort().join("; ") });
};

const tuple = (shape: readonly number[]): string => `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;

/** Refuse tensors with numbers that are not finite, and count these in each. */
export const checkFinite = (path: string, weights: Weights): void => {
  const problems: string[] = [];
  for (const [name, { data }] of [...weights].sort(([one], [other]) => (one < other ? -1 : 1))) {
    let count = 0;
    for (let at = 0; at < data.length; at += 1) if (!Number.isFinite(data[at])) count += 1;
    if (count) problems.push(`${grouped(count)} of ${grouped(data.length)} numbers in ${shownName(name)}`);
  }
  if (problems.length) {
    throw new EngineError("checkpoint_nonfinite", { path, found: problems.slice(0, MOST_PHRASES).join(" and ") });
  }
};

const shownName = (name: string): string =>
  JSON.stringify(name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}...`).replace(/^"|"$/g, "'");

let halves: Float32Array | undefined;

/** float32 numbers that are exactly those of float16 numbers, given as their bits. */
export const fromHalf = (bits: Uint16Array): Float32Array => {
  halves ??= Float32Array.from({ length: 1 << 16 }, (_, code) => halfFrom(code));
  const table = halves;
  const values = new Float32Array(bits.length);
  for (let at = 0; at < bits.length; at += 1) values[at] = table[bits[at]];
  return values;
};
