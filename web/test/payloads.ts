// Readings as Python sends them, made by hand.

import type { ReadSignal } from "../src/client/contract";
import type { Payload } from "../src/client/types";
import { FULL } from "../src/model/base64";

const signal = (name: string, place: number, low: number): ReadSignal => ({
  name,
  symbol: name[0],
  meaning: name,
  low,
  high: 1,
  scale: 1,
  ends: [low, 1],
  place,
});

const encoded = (numbers: number[]): string =>
  Buffer.from(Int16Array.from(numbers.map((one) => Math.round(one * FULL))).buffer).toString("base64");

/** One unit of a GRU of one layer: update gate, candidate and state after each word. */
export const gru = (
  words: string[],
  update: number[],
  candidate: number[],
  more: Partial<Payload> = {},
): Payload & { replay_error: number } => {
  const hidden: number[] = [];
  for (const t of words.keys()) {
    hidden.push(update[t] * (hidden[t - 1] ?? 0) + (1 - update[t]) * candidate[t]);
  }
  const verdicts = words.map(() => [0.25, 0.75]);
  return {
    model: "m",
    cell: "gru",
    memory: "hidden",
    tokens: words,
    unknown: words.map(() => false),
    unknown_total: 0,
    turns: words.map(() => false),
    labels: ["bad", "good"],
    story: { turns: [], count: 0, surest: { word: words[0], token: 0, winner: 1, share: 0.75 } },
    start: 0,
    size: 200,
    read: words.length,
    total: words.length,
    windowed: false,
    order: [[[0]]],
    signals: [signal("update", 0, 0), signal("candidate", 1, -1), signal("hidden", 2, -1)],
    shape: [3, 1, 1, words.length, 1],
    data: encoded([...update, ...candidate, ...hidden]),
    contributions: null,
    replay_error: 0,
    verdicts,
    winners: words.map(() => 1),
    answer: [0.25, 0.75],
    winner: 1,
    ...more,
  };
};
