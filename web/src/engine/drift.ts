// What reading on over padding does to one text, as rnnviz/page/drift.py.

import type { About, Drift } from "../client/contract";
import type { Checkpoint } from "./checkpoint";
import { round, rounded } from "./payload";
import { descending } from "./ranking";
import { read } from "./read";
import { limits, SIGNALS } from "./signals";
import { argmax, select, type Trace, verdictAt } from "./trace";

/** The most tokens that a text is filled up to; a longer text is read as far as that. */
export const MOST_PADDED = 60;
const MOVED = 4;
const CLASSES = 8;

/** Read some tokens alone, and again filled up to so many. */
export const drift = (checkpoint: Checkpoint, tokens: readonly string[], padTo: number, facts: About): Drift => {
  const text = checkpoint.vocabulary.joined(tokens.slice(0, MOST_PADDED));
  const alone = read(checkpoint, text);
  const end = alone.tokens.length - 1;
  const padded = read(checkpoint, text, Math.max(end + 1, Math.min(padTo, MOST_PADDED)));
  const labels = likeliest(padded, end);
  const units = furthest(padded, alone);
  const verdicts = padded.tokens.map((_, t) => chosen(verdictAt(padded, t), labels));
  const verdict = chosen(verdictAt(alone, end), labels);
  const top = padded.layers - 1;
  const hidden = select(padded, "hidden", top, 0);
  const before = select(alone, "hidden", top, 0);
  const states = units.map((unit) => padded.tokens.map((_, t) => hidden[t * padded.units + unit]));
  const kind = SIGNALS[padded.cell].find(({ name }) => name === "hidden") ?? SIGNALS[padded.cell][0];
  const largest = states.flat().reduce((one, other) => Math.max(one, Math.abs(other)), 0);
  const [low, high] = limits(kind, largest);
  return {
    model: checkpoint.name,
    tokens: alone.tokens,
    padded_to: padded.tokens.length,
    labels: labels.map((label) => padded.labels[label]),
    verdicts: verdicts.map(rounded),
    winners: verdicts.map(argmax),
    units,
    states: states.map(rounded),
    low,
    high,
    alone: {
      verdict: rounded(verdict),
      winner: argmax(verdict),
      states: units.map((unit) => round(before[end * padded.units + unit])),
    },
    ...("accuracy" in facts ? { accuracy: facts.accuracy } : {}),
    ...("padding" in facts ? { padding: facts.padding } : {}),
  };
};

const chosen = (values: Float32Array, places: readonly number[]): number[] => places.map((place) => values[place]);

/** The classes that come nearest to being the answer from the last word on, in the order of the labels. */
const likeliest = (padded: Trace, end: number): number[] => {
  const best = padded.labels.map((_, label) =>
    padded.tokens.slice(end).reduce((most, __, k) => Math.max(most, verdictAt(padded, end + k)[label]), 0),
  );
  return descending(best)
    .slice(0, CLASSES)
    .sort((one, other) => one - other);
};

/** Every unit that is among the furthest from where the last word left it, at one filling or another. */
const furthest = (padded: Trace, alone: Trace): number[] => {
  const { units } = padded;
  const top = padded.layers - 1;
  const end = alone.tokens.length - 1;
  const hidden = select(padded, "hidden", top, 0);
  const from = select(alone, "hidden", top, 0).subarray(end * units);
  const away = padded.tokens
    .slice(end)
    .map((_, k) => from.map((value, unit) => Math.abs(hidden[(end + k) * units + unit] - value)));
  const fillings = away.length > 1 ? away.slice(1) : away; // a text without room for padding has moved nothing
  const found = new Set(fillings.flatMap((row) => descending(row).slice(0, MOVED)));
  const all = [...found].sort((one, other) => one - other);
  const most = all.map((unit) => away.reduce((far, row) => Math.max(far, row[unit]), 0));
  return descending(most).map((place) => all[place]);
};
