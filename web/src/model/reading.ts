// One reading as Python sends it, with its numbers made readable.

import type { ReadSignal } from "../client/contract";
import type { Payload } from "../client/types";
import { FULL, numbersOf } from "./base64";
import { type ShownClasses, shownClasses } from "./colours";
import { argmax } from "./numbers";

/** What one word does to the memory of a unit. */
export interface Step {
  /** What was there; undefined where that is outside the window. */
  before: number | undefined;
  /** The share of it that stays. */
  kept: number;
  /** What is added. */
  written: number;
  /** What is there then. */
  after: number;
}

export interface Reading extends Omit<Payload, "answer" | "first"> {
  layers: number;
  directions: number;
  units: number;
  /** A number of a signal. */
  value(signal: ReadSignal, token: number, unit: number, layer: number, direction: number): number;
  /** The signal of a name, which may come from a link. */
  find(name: string): ReadSignal | undefined;
  /** The signal of a name that this kind of cell has. */
  signal(name: string): ReadSignal;
  /** What a direction read just before a word: null at its beginning, undefined where it is outside the window. */
  earlier(token: number, direction: number): number | null | undefined;
  /** A state before the first word that a direction reads: 0, or what the network learned. */
  /** Whether the network reads from a state that it learned. */
  learnedStart: boolean;
  first(name: string, unit: number, layer: number, direction: number): number;
  /** Null for a plain RNN: it rewrites its state and adds nothing up. */
  step(token: number, unit: number, layer: number, direction: number): Step | null;
  /** The probability of each class in the end, and the most probable one. */
  final: number[];
  answer: number;
  classes: ShownClasses;
}

/** A reading with the text that was typed, of which only the beginning may have been sent. */
export interface TypedReading extends Reading {
  payload: Payload;
  text: string;
  cut?: boolean;
}

const KEEPERS: Partial<Record<string, string>> = { lstm: "forget", gru: "update" };

export const unpackReading = (payload: Payload): Reading => {
  const numbers = numbersOf(payload.data);
  const [, layers, directions, tokens, units] = payload.shape;
  const signals = new Map(payload.signals.map((signal) => [signal.name, signal]));
  const signal = (name: string) => {
    const found = signals.get(name);
    if (!found) throw new Error(`no signal ${name}`);
    return found;
  };
  const value: Reading["value"] = ({ place, scale }, t, unit, layer, direction) => {
    const row = ((place * layers + layer) * directions + direction) * tokens + t;
    return (numbers[row * units + unit] * scale) / FULL;
  };
  const earlier: Reading["earlier"] = (t, direction) => {
    const place = direction === 0 ? t - 1 : t + 1;
    if (place >= 0 && place < tokens) return place;
    const whole = direction === 0 ? payload.start === 0 : payload.start + tokens === payload.read;
    return whole ? null : undefined;
  };

  const first: Reading["first"] = (name, unit, layer, direction) =>
    payload.first?.[name]?.[layer]?.[direction]?.[unit] ?? 0;

  const keeper = signals.get(KEEPERS[payload.cell] ?? "");
  const input = signals.get("input");
  const step: Reading["step"] = (t, unit, layer, direction) => {
    if (!keeper) return null;
    const memory = signal(payload.memory);
    const at = (one: ReadSignal, token: number) => value(one, token, unit, layer, direction);
    const place = earlier(t, direction);
    const before =
      place === null
        ? first(payload.memory, unit, layer, direction)
        : place === undefined
          ? undefined
          : at(memory, place);
    const kept = at(keeper, t);
    const written = (input ? at(input, t) : 1 - kept) * at(signal("candidate"), t);
    return { before, kept, written, after: at(memory, t) };
  };
  return {
    ...payload,
    layers,
    directions,
    units,
    value,
    find: (name) => signals.get(name),
    signal,
    earlier,
    learnedStart: Boolean(payload.first),
    first,
    step,
    final: payload.answer,
    answer: payload.winner,
    classes: shownClasses(payload.labels, payload.verdicts, payload.winner),
  };
};

type Words = Pick<Reading, "tokens" | "verdicts" | "answer" | "start"> & { text: string; between?: string };

/** The text without its first "not"; where there is none, without the word at which the answer moved most. */
export const withoutOne = ({ text, tokens, verdicts, answer, start, between }: Words): string => {
  const denied = text.replace(/\bnot\s+/i, "");
  if (tokens.length < 2 || start) return text;
  if (denied !== text) return denied;
  const moved = verdicts.map((shares, t) => (t ? Math.abs(shares[answer] - verdicts[t - 1][answer]) : 0));
  return withoutToken(text, tokens, argmax(moved), between);
};

/**
 * The text without one of its tokens, which `between` joins, and without what that token's word goes on with: the model's "isn" is
 * "isn't".
 */
export const withoutToken = (text: string, tokens: string[], most: number, between = " "): string => {
  const letters = text.toLowerCase();
  let [from, to] = [0, 0];
  for (const token of tokens.slice(0, most + 1)) {
    from = letters.indexOf(token.toLowerCase(), to);
    // A word is not written so in the text.
    if (from < 0 || letters.length !== text.length) return tokens.filter((_, t) => t !== most).join(between);
    to = from + token.length;
  }
  const letter = /[\p{L}\p{N}]/u.test(text[from]);
  const runsOn = (place: number) => letter && /[\p{L}\p{N}'’]/u.test(text[place] ?? "");
  while (runsOn(to)) to += 1;
  while (runsOn(from - 1)) from -= 1;
  return (text.slice(0, from) + text.slice(to)).replace(/\s+/g, " ").trim();
};
