// The watched sentence as a network reads it now: `picture_of` of rnnviz/page/learning.py.
//
// The page's trainings have one layer that reads forward, so the answer after each word follows from the state there.

import type { Picture, Signal } from "../../client/contract";
import type { CellKind } from "../../client/types";
import { FULL } from "../../model/base64";
import { plain } from "./arithmetic";
import { batchOf } from "./batch";
import { softmax } from "./loss";
import type { Parameters } from "./parameters";
import type { Passes } from "./passes";
import { transpose } from "./products";
import { fillRows } from "./recurrence";

const MOST_NAME = 60;
const MEANING = { cell: "the memory itself", hidden: "what the cell shows to the rest of the network" };
const PLAIN = "the state, rewritten at every token";

/** What is watched. */
export interface Watched {
  tokens: readonly string[];
  ids: Int32Array;
  unknown: readonly boolean[];
  labels: readonly string[];
}

/** Reads the sentence, and lays its memory and its answers out for the page. */
export const pictureOf = (parameters: Parameters, passes: Passes, watched: Watched): Picture => {
  const { cell, hidden_size: units } = parameters.config;
  const words = watched.ids.length;
  passes.forward(batchOf([watched.ids]));
  const [[memory]] = passes.memories;
  const values = (cell === "lstm" ? memory.cell : memory.hidden).subarray(0, words * units).map(orZero);
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const verdicts = verdictsOf(parameters, memory.hidden, words);
  const last = verdicts[words - 1];
  return {
    tokens: [...watched.tokens],
    unknown: [...watched.unknown],
    labels: watched.labels.map((label) => label.slice(0, MOST_NAME)),
    verdicts: verdicts.map((shares) => shares.map((share) => Math.round(orZero(share) * 1000) / 1000)),
    winner: last.indexOf(Math.max(...last)),
    signal: signalOf(cell, scale),
    shape: [words, units],
    data: encoded(Int16Array.from(values, (value) => Math.round((value / scale) * FULL))),
  };
};

/** Of a network that has lost its numbers. */
const orZero = (value: number): number => (Number.isFinite(value) ? value : 0);

/** The probability of each class after each word. */
const verdictsOf = (parameters: Parameters, hidden: Float64Array, words: number): number[][] => {
  const { classBias, classWeights, config } = parameters;
  const { classes, hidden_size } = config;
  const logits = new Float64Array(words * classes);
  const shares = new Float64Array(words * classes);
  fillRows(logits, classBias, words);
  const turned = new Float64Array(classWeights.length);
  transpose(turned, classWeights, classes, hidden_size);
  plain.addProducts(logits, 0, hidden, 0, turned, words, classes, hidden_size);
  return Array.from({ length: words }, (_, word) => {
    softmax(shares, logits, word * classes, classes);
    return [...shares.subarray(word * classes, (word + 1) * classes)];
  });
};

/** The signal that carries the memory, and the ends of its colours. */
const signalOf = (cell: CellKind, scale: number): Signal => {
  const name = cell === "lstm" ? "cell" : "hidden";
  let reach = 1; // a GRU's state is bounded; other signals reach out to the next of 1, 1.5, 2, 3, 4, 6, 8 …
  while (cell !== "gru" && 1.5 * reach < scale) reach *= 2;
  if (cell !== "gru" && reach < scale) reach *= 1.5;
  const meaning = cell === "rnn" ? PLAIN : MEANING[name];
  return { name, symbol: name === "cell" ? "c" : "h", meaning, low: -reach, high: reach, scale };
};

/** Little-endian, as every processor that runs a browser keeps it. */
const encoded = (numbers: Int16Array): string => {
  const bytes = new Uint8Array(numbers.buffer);
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
};
