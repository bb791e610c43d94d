// A reading as the page draws it: one base64 string and short lists, as rnnviz/page/payload.py makes them.

import type { Answers, Batch, Contributions, Moment, Reading, ReadSignal, Texts } from "../client/contract";
import { base64Of, FULL } from "../model/base64";
import { contributions, unitOrders } from "./ranking";
import { limits, memoryOf, SIGNALS, type SignalKind } from "./signals";
import { argmax, beforeFirst, type Trace, verdictAt } from "./trace";

/** The most words that are sent, and drawn, at once. */
export const WINDOW = 200;
/** The most sentences, and words of each, in the packed tab. */
export const MOST_TEXTS = 8;
const MOST_TOKENS_PACKED = 40;
/** Of 100 values, so many lie within the colours of an unbounded signal. */
const USUAL = 98;
/** So many units of each layer and direction are shown at first (FEW in ../state/page.ts), */
const FEW = 12;
/** and of 100 of their values so many lie within the colours too. */
const USUAL_SHOWN = 90;
const LARGEST_FLOAT = 2 ** 128;

/** A reading that was made here: nothing was read beside it, so there is no error of a replay. */
export type LocalReading = Omit<Reading, "replay_error"> & { replay_error?: undefined };

/** Turn a reading, or a window of it, into what the page draws; `total` counts the tokens of the whole text. */
export const payload = (trace: Trace, model: string, total: number, from = 0): LocalReading => {
  const read = trace.tokens.length;
  const start = Math.floor(Math.max(0, Math.min(from, read - 1)) / WINDOW) * WINDOW;
  const end = Math.min(read, start + WINDOW);
  const winners = winnersOf(trace);
  const turns = winners.map((winner, t) => t > 0 && winner !== winners[t - 1]);
  const last = Math.max(0, turns.lastIndexOf(true));
  const kinds = SIGNALS[trace.cell];
  const shape: Reading["shape"] = [kinds.length, trace.layers, trace.directions, end - start, trace.units];
  const data = new Int16Array(shape.reduce((product, size) => product * size, 1));
  const order = unitOrders(trace);
  const signals = kinds.map((kind, place) => describe(trace, kind, place, start, end, data, order));
  return {
    model,
    cell: trace.cell,
    memory: memoryOf(trace.cell),
    tokens: trace.tokens.slice(start, end),
    unknown: trace.unknown.slice(start, end),
    unknown_total: trace.unknown.filter(Boolean).length,
    turns: turns.slice(start, end),
    labels: [...trace.labels],
    story: {
      turns: last ? [momentOf(trace, last - 1), momentOf(trace, last)] : [],
      count: turns.filter(Boolean).length,
      surest: momentOf(trace, surestOf(trace, winners[read - 1])),
    },
    start,
    size: WINDOW,
    read,
    total,
    windowed: read > WINDOW || total > read,
    order,
    signals,
    shape,
    data: base64Of(new Uint8Array(data.buffer)),
    contributions: contributionsOf(trace, start, end),
    ...(trace.starts.size ? { first: firstOf(trace) } : {}),
    ...answersOf(trace, start),
  };
};

/** The learned states before the first word, by signal [layer, direction, unit]. */
const firstOf = (trace: Trace): Record<string, number[][][]> => {
  const ways = (name: string, layer: number) =>
    Array.from({ length: trace.directions }, (_, way) => [...beforeFirst(trace, name, layer, way)]);
  const layers = (name: string) => Array.from({ length: trace.layers }, (_, layer) => ways(name, layer));
  return Object.fromEntries([...trace.starts.keys()].map((name) => [name, layers(name)]));
};

const winnersOf = (trace: Trace): number[] => trace.tokens.map((_, t) => argmax(verdictAt(trace, t)));

/** The first token after which a class is most probable. */
const surestOf = ({ verdicts, labels, tokens }: Trace, winner: number): number =>
  argmax(tokens.map((_, t) => verdicts[t * labels.length + winner]));

/** The class probabilities after each token of a window and of the whole text, and which classes win. */
export const answersOf = (trace: Trace, start: number): Answers => {
  const end = Math.min(trace.tokens.length, start + WINDOW);
  const shown = Array.from({ length: end - start }, (_, t) => verdictAt(trace, start + t));
  const whole = verdictAt(trace, trace.tokens.length - 1);
  return {
    verdicts: shown.map(rounded),
    winners: shown.map(argmax),
    answer: rounded(whole),
    winner: argmax(whole),
  };
};

const momentOf = (trace: Trace, token: number): Moment => {
  const verdict = verdictAt(trace, token);
  const winner = argmax(verdict);
  return { word: trace.tokens[token], token, winner, share: round(verdict[winner]) };
};

/** A signal, and its window as shares of its largest absolute value among the data. */
const describe = (
  trace: Trace,
  kind: SignalKind,
  place: number,
  start: number,
  end: number,
  data: Int16Array,
  order: number[][][],
): ReadSignal => {
  const values = trace.signals.get(kind.name) ?? new Float32Array();
  const scale = largestOf(values) || 1;
  const [low, high] = limits(kind, Number.isFinite(kind.high) ? 0 : usualOf(trace, values, order));
  const places = trace.layers * trace.directions;
  const size = (end - start) * trace.units;
  for (let own = 0; own < places; own += 1) {
    const from = (own * trace.tokens.length + start) * trace.units;
    const shown = values.subarray(from, from + size);
    shares(shown, FULL / scale, data.subarray((place * places + own) * size));
  }
  return {
    name: kind.name,
    symbol: kind.symbol,
    meaning: kind.meaning,
    low,
    high,
    scale,
    ends: limits(kind, scale),
    place,
  };
};

const shares = (values: Float32Array, factor: number, to: Int16Array): void => {
  for (let at = 0; at < values.length; at += 1) to[at] = Math.floor(values[at] * factor + 0.5);
};

/** The largest absolute value. */
const largestOf = (values: Float32Array): number => {
  let largest = 0;
  for (let at = 0; at < values.length; at += 1) {
    const size = Math.abs(values[at]);
    if (size > largest) largest = size;
  }
  return largest;
};

/** How far the colours reach for all units, and for those that are shown at first: a few units may be far larger. */
const usualOf = ({ tokens, units, directions }: Trace, values: Float32Array, order: number[][][]): number => {
  const shown = order.flatMap((ways, layer) =>
    ways.flatMap((way, direction) => {
      const from = (layer * directions + direction) * tokens.length;
      return tokens.flatMap((_, t) => way.slice(0, FEW).map((unit) => values[(from + t) * units + unit]));
    }),
  );
  return Math.max(usual(values, USUAL), usual(Float32Array.from(shown), USUAL_SHOWN));
};

/** The end of the first scale that so many of the absolute values lie within: counted, as sorting takes ten times as long. */
const usual = (values: Float32Array, share: number): number => {
  const most = values.length - 1 - Math.floor((values.length * share) / 100);
  for (let octave = 1; octave < LARGEST_FLOAT; octave *= 2) {
    if (countBeyond(values, octave) <= most) return octave;
    if (countBeyond(values, 1.5 * octave) <= most) return 1.5 * octave;
  }
  return Number.POSITIVE_INFINITY;
};

const countBeyond = (values: Float32Array, reach: number): number => {
  let count = 0;
  for (let at = 0; at < values.length; at += 1) if (!(Math.abs(values[at]) <= reach)) count += 1;
  return count;
};

/** What of each class's score goes through the memory that each token wrote; a score is a logit less the mean of all. */
const contributionsOf = (trace: Trace, start: number, end: number): Contributions | null => {
  const account = contributions(trace);
  if (account === null) return null;
  const classes = trace.labels.length;
  const scores = trace.tokens.map((_, t) => centred(account.byToken.subarray(t * classes, (t + 1) * classes)));
  const elsewhere = new Float64Array(classes);
  for (const [t, score] of scores.entries()) {
    if (t < start || t >= end) for (let label = 0; label < classes; label += 1) elsewhere[label] += score[label];
  }
  return {
    by_token: scores.slice(start, end).map(rounded),
    elsewhere: rounded(elsewhere),
    bias: rounded(centred(account.bias)),
    ...(trace.readout.linear ? {} : { squashed: true }),
  };
};

const centred = (values: Float64Array): Float64Array => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
};

/** Four digits after the point. */
export const round = (value: number): number => Math.round(value * 1e4) / 1e4;
export const rounded = (values: ArrayLike<number>): number[] => Array.from(values, round);

/** A batch of sentences laid out for the packed tab; without a layout if there are fewer than two. */
export const packedPayload = (sentences: readonly string[][]): Batch | Texts => {
  const texts = sentences.slice(0, MOST_TEXTS).map((words) => words.slice(0, MOST_TOKENS_PACKED));
  const answer = {
    texts,
    cut_texts: sentences.length > MOST_TEXTS,
    cut_tokens: sentences.some((words) => words.length > MOST_TOKENS_PACKED) ? MOST_TOKENS_PACKED : 0,
  };
  if (texts.length < 2) return answer;
  const lengths = texts.map((words) => words.length);
  const order = lengths.map((_, text) => text).sort((one, other) => lengths[other] - lengths[one] || one - other);
  const rows = Array.from({ length: lengths[order[0]] }, (_, step) => order.filter((text) => lengths[text] > step));
  const cells = rows.reduce((sum, row) => sum + row.length, 0);
  const padded = texts.length * rows.length;
  return {
    ...answer,
    batch_sizes: rows.map((row) => row.length),
    rows,
    steps_padded: padded,
    steps_packed: cells,
    saved: 1 - cells / padded,
  };
};
