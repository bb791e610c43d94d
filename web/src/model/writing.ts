// What the view Write shows, without a page: its settings, in a link too, and what follows from the letters.

import type { Known } from "../client/types";
import { SIGNALS } from "../engine/signals";
import type { Letter, Seed } from "../engine/write";
import type { Value } from "./csv";
import { counting, last } from "./numbers";
import { literal, loaded } from "./program";
import { rangesOf } from "./units";

/** A signal of some units, held while it reads and writes. */
export interface WritingHold {
  signal: string;
  /** As it is typed: 3, 7-9. */
  units: string;
  value: number;
  layer: number;
}
/** What gives the letters their colour. */
export interface WritingColour {
  by: "surprise" | "unit" | "none";
  signal: "cell" | "hidden";
  unit: number;
  layer: number;
}
/** All that decides what the view shows. */
export interface WritingSettings {
  start: string;
  /** The first is from letter 0 of what is written; the others are forks. */
  seeds: readonly Seed[];
  temperature: number;
  topK: number | null;
  /** Letters that are written. */
  length: number;
  hold: WritingHold | null;
  colour: WritingColour;
}

export const MOST_TEMPERATURE = 2;
export const LARGEST_SEED = 2 ** 32 - 1;
const MOST_UNITS = 2_048;
const MOST_FORKS = 50;
const LONGEST = 2_000;

/** The colours of surprise end here. */
export const MOST_BITS = 8;

export const settingsOf = (start: string, part: Partial<WritingSettings> = {}): WritingSettings => ({
  start,
  seeds: [{ at: 0, seed: 1 }],
  temperature: 1,
  topK: null,
  length: 0,
  hold: null,
  colour: { by: "surprise", signal: "cell", unit: 0, layer: 0 },
  ...part,
});

// --- letters ---------------------------------------------------------------------------------------------------------

/** How unexpected a letter was, in bits; null where the network had said nothing of it. */
export const bitsOf = ({ probability }: Letter): number | null =>
  probability === null ? null : -Math.log2(probability);

/** The mean surprise of the letters that were written, and the place of the least expected one; null without any. */
export const surpriseOf = (letters: readonly Letter[], start: number): { mean: number; most: number } | null => {
  const bits = letters.slice(start).map((letter) => bitsOf(letter) ?? 0);
  if (!bits.length) return null;
  const mean = bits.reduce((sum, one) => sum + one, 0) / bits.length;
  return { mean, most: start + bits.indexOf(bits.reduce((one, other) => Math.max(one, other))) };
};

/** The first place at which two texts differ; -1 where they are the same as far as both go. */
export const partingOf = (one: readonly Letter[], other: readonly Letter[]): number =>
  one.slice(0, other.length).findIndex(({ token }, place) => token !== other[place].token);

/** Letters as rows of a table; `text` says of which text, `start` how many were given. */
export const LETTER_COLUMNS = ["text", "position", "letter", "written", "probability", "bits", "cut"];
export const letterRows = (
  text: string,
  { letters, start }: { letters: readonly Letter[]; start: number },
): Value[][] =>
  letters.map((letter, place) => {
    const { token, probability, cut } = letter;
    return [text, place + 1, token, place >= start, probability, bitsOf(letter), cut];
  });

/** Go on from a letter of what is written with another seed: the letters before `at` stay. */
export const forked = (seeds: readonly Seed[], at: number): Seed[] => {
  const highest = seeds.reduce((most, { seed }) => Math.max(most, seed), 0);
  const kept = seeds.filter((one) => one.at < at || one.at === 0).slice(0, MOST_FORKS);
  const fresh = { at, seed: highest < LARGEST_SEED ? highest + 1 : 0 };
  return at === 0 ? [fresh] : [...kept, fresh];
};

// --- units that are typed --------------------------------------------------------------------------------------------

/** The units of a list such as "3, 7-9"; null where it is none, or names one that is not there. */
export const unitsOf = (typed: string, count: number): number[] | null => {
  const ranges = rangesOf(typed);
  if (!ranges || last(ranges)[1] >= count) return null;
  return ranges.flatMap(([first, end]) => counting(end - first + 1).map((place) => first + place));
};

// --- a link ----------------------------------------------------------------------------------------------------------

/** The settings as parts of a link. */
export const linkParts = (settings: WritingSettings): [string, string | number | null][] => {
  const { start, seeds, temperature, topK, length, hold, colour } = settings;
  const { by, signal, unit, layer } = colour;
  return [
    ["write", start],
    ["write_seed", seeds.map(({ at, seed }) => `${at}:${seed}`).join(",")],
    ["write_temperature", temperature],
    ["write_top", topK],
    ["write_length", length],
    ["write_hold", hold && [hold.signal, hold.value, hold.layer, hold.units].join(":")],
    ["write_colour", by === "unit" ? [signal, unit, layer].join(":") : by],
  ];
};

const number = (text: string | null | undefined, low: number, high: number): number | null => {
  const value = Number(text || Number.NaN);
  return value >= low && value <= high ? value : null;
};
const whole = (text: string | null | undefined, high: number, low = 0): number | null =>
  /^\d+$/.test(text ?? "") ? number(text, low, high) : null;

/** The settings of a link; undefined where it has none. What is not as it should be is left at the usual. */
export const fromLink = (get: (name: string) => string | null): WritingSettings | undefined => {
  const start = get("write");
  if (start === null) return undefined;
  const usual = settingsOf(start.slice(0, LONGEST));
  return {
    ...usual,
    seeds: seedsFrom(get("write_seed")) ?? usual.seeds,
    temperature: number(get("write_temperature"), 0, MOST_TEMPERATURE) ?? usual.temperature,
    topK: whole(get("write_top"), 1_000_000, 1),
    length: whole(get("write_length"), LONGEST) ?? usual.length,
    hold: holdFrom(get("write_hold")),
    colour: colourFrom(get("write_colour")) ?? usual.colour,
  };
};
const seedsFrom = (text: string | null): Seed[] | null => {
  const seeds = (text ?? "")
    .split(",")
    .slice(0, MOST_FORKS)
    .map((part): Seed | null => {
      const [at, seed] = part.split(":");
      const place = whole(at, LONGEST);
      const value = whole(seed, LARGEST_SEED);
      return place === null || value === null ? null : { at: place, seed: value };
    });
  const good = seeds.filter((one): one is Seed => one !== null);
  const inOrder = good.every(({ at }, n) => (n === 0 ? at === 0 : at > good[n - 1].at));
  return good.length === seeds.length && inOrder ? good : null;
};
const holdFrom = (text: string | null): WritingHold | null => {
  const [signal, value, layer, units] = (text ?? "").split(":");
  const at = /^-?[\d.]+$/.test(value ?? "") ? number(value === "0" ? "0" : value, -1e6, 1e6) : null;
  const own = whole(layer, 7);
  if (units === undefined || at === null || own === null || !hasSignal(signal)) return null;
  return { signal, value: at, layer: own, units };
};
const hasSignal = (name: string, cells = Object.values(SIGNALS)): boolean =>
  cells.some((signals) => signals.some((one) => one.name === name));
const colourFrom = (text: string | null): WritingColour | null => {
  const usual = settingsOf("").colour;
  if (text === "surprise" || text === "none") return { ...usual, by: text };
  const [signal, unit, layer] = (text ?? "").split(":");
  const [own, its] = [whole(unit, MOST_UNITS), whole(layer, 7)];
  if ((signal !== "cell" && signal !== "hidden") || own === null || its === null) return null;
  return { by: "unit", signal, unit: own, layer: its };
};

/** The settings as far as a network has what they name; as they are while that is not known. */
export const fitted = (settings: WritingSettings, { cell, units, layers = 1 }: Known): WritingSettings => {
  const { hold, colour } = settings;
  if (!cell || !units) return settings;
  const isThere = hold && hold.layer < layers && hasSignal(hold.signal, [SIGNALS[cell]]);
  return {
    ...settings,
    hold: isThere ? hold : null,
    colour: {
      ...colour,
      signal: cell === "lstm" ? colour.signal : "hidden",
      unit: Math.min(colour.unit, units - 1),
      layer: Math.min(colour.layer, layers - 1),
    },
  };
};

// --- a file ----------------------------------------------------------------------------------------------------------

/** The lines of Python that write the same; after a fork the beginning is all that came before it. */
export const programOf = (
  model: string,
  settings: WritingSettings,
  written: string[],
  held: number[] | null,
): string => {
  const { start, seeds, temperature, topK, hold } = settings;
  const clamp =
    hold &&
    held &&
    `clamps=[rnnviz.Clamp(${literal(hold.signal)}, ${float(hold.value)}, units=${JSON.stringify(held)}, layer=${hold.layer})]`;
  const { at, seed } = last(seeds);
  const rest = [
    `length=${Math.max(1, written.length - at)}`,
    `temperature=${float(temperature)}`,
    topK === null ? null : `top_k=${topK}`,
    `seed=${seed}`,
    clamp,
  ];
  const beginning = start + written.slice(0, at).join("");
  return `rnnviz.write(${loaded(model)}, ${literal(beginning)}, ${rest.filter(Boolean).join(", ")})`;
};
const float = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value));
