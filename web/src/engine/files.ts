// A checkpoint's folder, given as the bytes of its files, opened as rnnviz/checkpoint/checks.py does: each file within a
// limit, nothing built from it before it is checked. Works in a worker too.

import { sha256 as hashed } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type CheckpointConfig, configFrom } from "./config";
import { shapesOf, type Weights } from "./network";
import { EngineError } from "./objection";
import { grouped } from "./pythonText";
import { checkFinite, checkShapes, headerOf, tensorsOf } from "./safetensors";
import { FormatError, type JsonObject, jsonObject } from "./strictJson";
import { entriesFrom, type Tokens, Vocabulary } from "./tokens";

export const FILES = ["config.json", "model.safetensors", "vocabulary.txt", "vocabulary.json", "units.json"] as const;
export type FileName = (typeof FILES)[number];
export type Files = ReadonlyMap<FileName, Uint8Array>;

/** The parts of a checkpoint, of which the test sentences are still to be read: network.ts's `opened` does. */
export interface Parts {
  config: CheckpointConfig;
  vocabulary: Vocabulary;
  weights: Weights;
  /** What each unit does; null if there is no such file. */
  units: JsonObject | null;
}

const MOST_BYTES: Record<FileName, number> = {
  "config.json": 1_000_000,
  "model.safetensors": 256_000_000,
  "vocabulary.txt": 32_000_000,
  "vocabulary.json": 32_000_000,
  "units.json": 32_000_000,
};
/** The file of the vocabulary, by what the network reads. */
const VOCABULARIES: Record<Tokens, FileName> = { words: "vocabulary.txt", letters: "vocabulary.json" };
const POINTER = "version https://git-lfs.github.com/spec/";

/** Check the files of a checkpoint and take it apart; `name` is the network's own, for what is wrong with it. */
export const partsOf = async (name: string, files: Files): Promise<Parts> => {
  const config = configOf(name, files);
  const vocabulary = await vocabularyOf(name, files, config);
  const numbers = fileOf(name, files, "model.safetensors");
  const path = `${name}/model.safetensors`;
  const header = headerOf(path, numbers);
  await checkHash(name, path, numbers, config.weights_sha256);
  const weights = tensorsOf(path, numbers, header);
  checkShapes(path, weights, shapesOf(config.model));
  checkFinite(path, weights);
  return { config, vocabulary, weights, units: unitsOf(name, files) };
};

/** The settings alone, as a menu needs them. */
export const configOf = (name: string, files: Files): CheckpointConfig =>
  configFrom(`${name}/config.json`, fileOf(name, files, "config.json"));

const fileOf = (name: string, files: Files, file: FileName): Uint8Array => {
  const bytes = files.get(file);
  if (!bytes) throw new EngineError("checkpoint_missing", { path: name, name: file, example: "runs/reviews" });
  const path = `${name}/${file}`;
  if (bytes.length > MOST_BYTES[file]) {
    throw new EngineError("checkpoint_large", { path, found: bytes.length, limit: MOST_BYTES[file] });
  }
  if (new TextDecoder().decode(bytes.subarray(0, POINTER.length)) === POINTER) {
    throw new EngineError("checkpoint_lfs", { path });
  }
  return bytes;
};

const vocabularyOf = async (name: string, files: Files, config: CheckpointConfig): Promise<Vocabulary> => {
  const file = VOCABULARIES[config.tokens];
  const bytes = fileOf(name, files, file);
  const path = `${name}/${file}`;
  let words: string[];
  try {
    words = entriesFrom(bytes, config.tokens);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    await checkLineEnds(name, path, bytes, config.vocabulary_sha256);
    throw new EngineError("checkpoint_config", { path, problem: error.message });
  }
  const wanted = config.model.vocabulary_size;
  if (words.length !== wanted) throw new EngineError("checkpoint_vocabulary", { path, found: words.length, wanted });
  await checkHash(name, path, bytes, config.vocabulary_sha256);
  return new Vocabulary(words, config.tokens);
};

const unitsOf = (name: string, files: Files): JsonObject | null => {
  if (!files.has("units.json")) return null;
  try {
    return jsonObject(fileOf(name, files, "units.json"));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new EngineError("checkpoint_config", { path: `${name}/units.json`, problem: error.message });
  }
};

/** Refuse a file whose bytes are not the ones that were saved; other line ends are named. */
const checkHash = async (name: string, path: string, bytes: Uint8Array, expected: string): Promise<void> => {
  const found = await sha256(bytes);
  if (found === expected) return;
  await checkLineEnds(name, path, bytes, expected);
  throw new EngineError("checkpoint_damaged", {
    path,
    wanted: `SHA-256 ${expected.slice(0, 12)}…`,
    found: `${found.slice(0, 12)}… in ${grouped(bytes.length)} bytes`,
  });
};

const checkLineEnds = async (name: string, path: string, bytes: Uint8Array, expected: string): Promise<void> => {
  const ours = bytes.filter((byte, at) => !(byte === 13 && bytes[at + 1] === 10));
  if (ours.length !== bytes.length && (await sha256(ours)) === expected) {
    throw new EngineError("checkpoint_line_ends", { path, folder: name });
  }
};

/** In hexadecimal. A page that comes over plain http from another machine has no SubtleCrypto. */
export const sha256 = async (
  bytes: Uint8Array,
  subtle: SubtleCrypto | null | undefined = globalThis.crypto?.subtle,
): Promise<string> =>
  bytesToHex(subtle ? new Uint8Array(await subtle.digest("SHA-256", new Uint8Array(bytes))) : hashed(bytes));
