// What each unit does over many texts: the content of a checkpoint's units.json, as rnnviz/training/unit_summary.py and
// rnnviz/analysis/statistics.py find it.

import type { Checkpoint } from "../checkpoint";
import { UNKNOWN_ID } from "../network";
import { memoryOf, SIGNALS } from "../signals";
import { walk } from "../walk";

const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];
const WORDS = 20;
const LEAST_SEEN = 5;
const [TOKENS_OF_A_TEXT, TOKENS] = [60, 20_000]; // half of Python's: somebody waits
const [SHUT, OPEN] = [Math.fround(0.1), Math.fround(0.9)];
const LEAST_GATE = 1e-12;
const LONGEST = 1e6; // JSON has no infinity
const [BINS, LEAST_SIDE] = [24, 0.05];
const DIRECTIONS = ["forward", "backward"] as const;

export interface UnitsFile {
  texts?: number;
  tokens?: number;
  quantiles?: number[];
  layers?: Record<string, UnitSummary>[];
}

/** Of one layer and direction: one number, or one list, a unit. */
interface UnitSummary {
  signals: Record<string, { mean: number[]; quantiles: number[][] }>;
  saturation: Record<string, { shut: number[]; open: number[] }>;
  half_life: number[] | null;
  bimodality: (number | null)[];
  valley: (number | null)[];
  raised_by: string[][];
  lowered_by: string[][];
}

/**
 * Summarise every unit over some texts.
 *
 * @param texts The words of each, in random order. The first 60 of each are read, 20,000 in all.
 * @returns Nothing in it if no text has a word.
 */
export const unitSummary = (checkpoint: Checkpoint, texts: readonly (readonly string[])[]): UnitsFile => {
  const sample = sampleOf(texts);
  if (!sample.length) return {};
  const read = readAll(checkpoint, sample);
  const { config, layers } = checkpoint;
  const summaries = layers.map((layer, index) =>
    Object.fromEntries(
      layer.map((_, direction) => {
        const place = index * layer.length + direction;
        const own = new Map([...read.signals].map(([name, places]) => [name, places[place]]));
        return [DIRECTIONS[direction], summaryOf(config, own, read, direction === 1)];
      }),
    ),
  );
  return { texts: sample.length, tokens: read.words.length, quantiles: QUANTILES, layers: summaries };
};

const sampleOf = (texts: readonly (readonly string[])[]): string[][] => {
  const sample: string[][] = [];
  let left = TOKENS;
  for (const text of texts) {
    const words = text.slice(0, Math.min(TOKENS_OF_A_TEXT, left));
    if (words.length) sample.push(words);
    left -= words.length;
  }
  return sample;
};

/** All texts, one after another. */
interface ReadTexts {
  words: string[];
  known: boolean[];
  /** Where each text ends. */
  ends: number[];
  units: number;
  /** Of each signal, by layer and direction: [unit][token]. */
  signals: Map<string, Float32Array[][]>;
}

const readAll = (checkpoint: Checkpoint, texts: readonly string[][]): ReadTexts => {
  const { config, layers, vocabulary } = checkpoint;
  const units = config.hidden_size;
  const words = texts.flat();
  const places = layers.length * layers[0].length;
  const row = () => new Float32Array(words.length);
  const columns = () => Array.from({ length: places }, () => Array.from({ length: units }, row));
  const signals = new Map(SIGNALS[config.cell].map(({ name }) => [name, columns()]));
  const read: ReadTexts = { words, known: [], ends: [], units, signals };
  for (const text of texts) {
    const from = read.known.length;
    const own = vocabulary.ids(text);
    for (const [name, values] of walk(checkpoint, own).signals) turn(values, signals.get(name) ?? [], from, units);
    for (const id of own) read.known.push(id !== UNKNOWN_ID);
    read.ends.push(read.known.length);
  }
  return read;
};

/** Write what one text gave [place, token, unit] to the columns [place][unit][token]. */
const turn = (values: Float32Array, columns: Float32Array[][], from: number, units: number): void => {
  const tokens = values.length / (columns.length * units);
  for (const [place, rows] of columns.entries()) {
    for (let unit = 0; unit < units; unit += 1) {
      const [row, start] = [rows[unit], place * tokens * units + unit];
      for (let t = 0; t < tokens; t += 1) row[from + t] = values[start + t * units];
    }
  }
};

const summaryOf = (
  { cell }: Checkpoint["config"],
  own: ReadonlyMap<string, Float32Array[]>,
  read: ReadTexts,
  backward: boolean,
): UnitSummary => {
  const of = (name: string): Float32Array[] => own.get(name) ?? [];
  const sorted = new Map([...own].map(([name, columns]) => [name, columns.map((values) => values.slice().sort())]));
  const memory = memoryOf(cell);
  const inOrder = sorted.get(memory) ?? [];
  const gates = SIGNALS[cell].filter(({ low, high }) => low === 0 && high === 1);
  const keeper = { lstm: "forget", gru: "update", rnn: null }[cell];
  const spread = (name: string) => ({
    mean: of(name).map((values) => rounded(meanOf(values))),
    quantiles: QUANTILES.map((share) => (sorted.get(name) ?? []).map((values) => rounded(quantile(values, share)))),
  });
  const saturation = (name: string) => ({
    shut: of(name).map((values) => rounded(shareOf(values, (value) => value < SHUT))),
    open: of(name).map((values) => rounded(shareOf(values, (value) => value > OPEN))),
  });
  return {
    signals: Object.fromEntries([...own.keys()].map((name) => [name, spread(name)])),
    saturation: Object.fromEntries(gates.map(({ name }) => [name, saturation(name)])),
    half_life: keeper === null ? null : of(keeper).map((values) => rounded(halfLife(values))),
    bimodality: inOrder.map((values) => orNull(bimodality(values))),
    valley: inOrder.map((values) => orNull(valley(values))),
    ...wordsOf(of(memory), read, backward),
  };
};

const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
const orNull = (value: number): number | null => (Number.isNaN(value) ? null : rounded(value));

const meanOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const shareOf = (values: Float32Array, counts: (value: number) => boolean): number =>
  values.reduce((count, value) => count + (counts(value) ? 1 : 0), 0) / values.length;

/** Of values in order, the one at a share of the way, between two of them in a straight line. */
const quantile = (sorted: Float32Array, share: number): number => {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (place - low) * (sorted[high] - sorted[low]);
};

/** Tokens after which half of a memory is left that a gate keeps. */
const halfLife = (gate: Float32Array): number => {
  const decay = gate.reduce((sum, value) => sum + Math.log(Math.max(LEAST_GATE, value)), 0) / gate.length;
  return decay < 0 ? Math.min(LONGEST, Math.log(0.5) / decay) : LONGEST;
};

/** Sarle's coefficient: rnnviz.analysis.bimodality. */
const bimodality = (sorted: Float32Array): number => {
  const n = sorted.length;
  const spread = sorted[n - 1] - sorted[0];
  if (n < 4 || !(spread > 0)) return Number.NaN;
  const mean = meanOf(sorted);
  let [second, third, fourth] = [0, 0, 0];
  for (const value of sorted) {
    const apart = (value - mean) / spread;
    const square = apart * apart;
    second += square / n;
    third += (square * apart) / n;
    fourth += (square * square) / n;
  }
  const skewness = ((third / second ** 1.5) * Math.sqrt(n * (n - 1))) / (n - 2);
  const kurtosis = fourth / second ** 2;
  return ((skewness ** 2 + 1) * (n - 2) * (n - 3)) / ((n + 1) * (n - 1) * kurtosis);
};

/** How deep the valley between two usual values is: rnnviz.analysis.statistics.valley_of. */
const valley = (sorted: Float32Array): number => {
  const [low, high] = [quantile(sorted, 0.01), quantile(sorted, 0.99)];
  if (!(low < high)) return Number.NaN;
  const counts = new Array<number>(BINS).fill(0);
  for (const value of sorted) {
    if (value < low || value > high) continue;
    counts[Math.min(BINS - 1, Math.floor(((value - low) / (high - low)) * BINS))] += 1;
  }
  let deepest = 0;
  for (let bin = 1; bin < BINS - 1; bin += 1) {
    const [left, right] = [counts.slice(0, bin), counts.slice(bin + 1)];
    const side = Math.min(sumOf(left), sumOf(right));
    const heights = Math.min(Math.max(...left), Math.max(...right));
    if (side >= LEAST_SIDE * sorted.length) deepest = Math.max(deepest, 1 - counts[bin] / Math.max(1, heights));
  }
  return deepest;
};

const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** For each unit the words that raise and that lower its memory most, by their mean change. */
const wordsOf = (
  memory: readonly Float32Array[],
  { words, known, ends }: ReadTexts,
  backward: boolean,
): Pick<UnitSummary, "raised_by" | "lowered_by"> => {
  const counts = new Map<string, number>();
  for (const [t, word] of words.entries()) if (known[t]) counts.set(word, (counts.get(word) ?? 0) + 1);
  const all = [...counts.keys()].sort((one, other) => (one < other ? -1 : 1));
  const often = all.filter((word) => (counts.get(word) ?? 0) >= LEAST_SEEN);
  const names = often.length ? often : all;
  const places = new Map(names.map((word, place) => [word, place]));
  const slots = words.map((word, t) => (known[t] ? (places.get(word) ?? -1) : -1));
  const firsts = new Set(backward ? ends.map((end) => end - 1) : [0, ...ends]);
  const most = (means: readonly number[], sign: number): string[] => {
    const order = names
      .map((_, place) => place)
      .sort((one, other) => sign * (means[other] - means[one]) || one - other);
    return order
      .slice(0, WORDS)
      .filter((place) => sign * means[place] > 0)
      .map((place) => names[place]);
  };
  const means = memory.map((values) => {
    const sums = new Array<number>(names.length).fill(0);
    for (const [t, slot] of slots.entries()) {
      if (slot < 0) continue;
      sums[slot] += values[t] - (firsts.has(t) ? 0 : values[backward ? t + 1 : t - 1]);
    }
    return sums.map((sum, place) => sum / (counts.get(names[place]) ?? 1));
  });
  return { raised_by: means.map((own) => most(own, 1)), lowered_by: means.map((own) => most(own, -1)) };
};
