// Which units matter most for a reading, and what each word's memory adds to the answer: rnnviz/analysis/statistics.py,
// memory.py and readout.py.

import { lowestRead } from "./network";
import { endOf } from "./pooling";
import { memoryOf } from "./signals";
import { tanh } from "./squash";
import { argmax, beforeFirst, select, type Trace, verdictAt } from "./trace";

/** By so much a state may differ from what its gates make of the one before; else it was held. */
const ROUNDING = 1e-4;

/** The units of each layer and direction, from the one that matters most. */
export const unitOrders = (trace: Trace): number[][][] =>
  Array.from({ length: trace.layers }, (_, layer) =>
    Array.from({ length: trace.directions }, (__, direction) => descending(unitEffects(trace, layer, direction))),
  );

/** Places from the largest value on; equal ones keep their order. */
export const descending = (values: ArrayLike<number>): number[] =>
  Array.from(values, (_, place) => place).sort((one, other) => values[other] - values[one] || one - other);

/**
 * How much each unit matters, 0 or more: in the top layer its part of the answer's lead over the mean of the other
 * classes, in logits; in a lower one that is not pooled how far its hidden state moves, the state before the first word included.
 */
export const unitEffects = (trace: Trace, layer: number, direction: number): Float64Array => {
  const { units, directions } = trace;
  const hidden = select(trace, "hidden", layer, direction);
  if (layer < lowestOf(trace)) return spread(hidden, beforeFirst(trace, "hidden", layer, direction));
  const shares = poolingShares(hidden, trace, direction);
  const margin = marginOf(trace, argmax(verdictAt(trace, trace.tokens.length - 1)));
  const effects = new Float64Array(units);
  for (const [block, share] of shares.entries()) {
    const from = ((layer - lowestOf(trace) + block) * directions + direction) * units;
    for (let row = 0; row < hidden.length; row += units) {
      for (let unit = 0; unit < units; unit += 1) {
        effects[unit] += margin[from + unit] * share[row + unit] * hidden[row + unit];
      }
    }
  }
  return effects.map(Math.abs);
};

/** The lowest layer whose states are pooled. */
const lowestOf = ({ readout: { pooling }, layers }: Trace): number => lowestRead({ pooling, layers });

const spread = (hidden: Float32Array, start: Float32Array): Float64Array => {
  const units = start.length;
  const [low, high] = [Float64Array.from(start), Float64Array.from(start)];
  for (let row = 0; row < hidden.length; row += units) {
    for (let unit = 0; unit < units; unit += 1) {
      low[unit] = Math.min(low[unit], hidden[row + unit]);
      high[unit] = Math.max(high[unit], hidden[row + unit]);
    }
  }
  return high.map((most, unit) => most - low[unit]);
};

/** The weights of a class less the mean of those of the others. */
const marginOf = ({ readout, labels }: Trace, answer: number): Float64Array => {
  const width = readout.weight.length / labels.length;
  return Float64Array.from({ length: width }, (_, feature) => {
    let others = 0;
    for (let label = 0; label < labels.length; label += 1) {
      if (label !== answer) others += readout.weight[label * width + feature];
    }
    return readout.weight[answer * width + feature] - others / (labels.length - 1);
  });
};

/** What share of each token's hidden state is in the pooled one: [token, unit]; two of them for "max+mean". */
const poolingShares = (hidden: Float32Array, trace: Trace, direction: number): Float64Array[] => {
  const { units, readout } = trace;
  const tokens = trace.tokens.length;
  const shares: Float64Array[] = [];
  if (readout.pooling.includes("last")) {
    const end = endOf(readout, direction, tokens);
    shares.push(new Float64Array(hidden.length).fill(1, end * units, (end + 1) * units));
  }
  if (readout.pooling.startsWith("max")) shares.push(largestOf(hidden, units));
  if (readout.pooling.endsWith("mean")) shares.push(new Float64Array(hidden.length).fill(1 / tokens));
  if (readout.pooling === "sum") shares.push(new Float64Array(hidden.length).fill(1));
  return shares;
};

/** 1 at the first token at which a unit is largest, else 0. */
const largestOf = (hidden: Float32Array, units: number): Float64Array => {
  const largest = new Float64Array(hidden.length);
  for (let unit = 0; unit < units; unit += 1) {
    let best = unit;
    for (let at = unit; at < hidden.length; at += units) if (hidden[at] > hidden[best]) best = at;
    largest[best] = 1;
  }
  return largest;
};

export interface Shares {
  /** [token, label], in logits, as much of both directions as goes through the memory that a token wrote. */
  byToken: Float64Array;
  /** [label]: the part that no token has, what goes through a learned first state included. */
  bias: Float64Array;
}

/** Each logit shared out among the tokens; null where no account adds up: of a plain RNN, or where a state was held. */
export const contributions = (trace: Trace): Shares | null => {
  if (trace.cell === "rnn") return null;
  const byToken = new Float64Array(trace.tokens.length * trace.labels.length);
  const bias = Float64Array.from(trace.readout.bias);
  for (let direction = 0; direction < trace.directions; direction += 1) {
    const parts = partsOf(trace, direction);
    if (parts === null) return null;
    for (const [block, { written, started }] of parts.entries()) {
      addScores(trace, block * trace.directions + direction, written, byToken);
      addScores(trace, block * trace.directions + direction, started, bias);
    }
  }
  return { byToken, bias };
};

/** Weigh one part of the pooled features [token, unit] for each class. */
const addScores = (
  { readout, labels, units }: Trace,
  block: number,
  part: Float64Array,
  scores: Float64Array,
): void => {
  const width = readout.weight.length / labels.length;
  for (let at = 0; at < scores.length; at += 1) {
    const label = at % labels.length;
    const [row, from] = [label * width + block * units, ((at - label) / labels.length) * units];
    let sum = 0;
    for (let unit = 0; unit < units; unit += 1) sum += readout.weight[row + unit] * part[from + unit];
    scores[at] += sum;
  }
};

/** What of a pooled feature goes through what each token wrote [token, unit], and through the first state [unit]. */
interface Part {
  written: Float64Array;
  started: Float64Array;
}

/** The parts of all layers that are pooled. */
const partsOf = (trace: Trace, direction: number): Part[] | null => {
  const found: Part[] = [];
  for (let layer = lowestOf(trace); layer < trace.layers; layer += 1) {
    const parts = pooledParts(trace, layer, direction);
    if (parts === null) return null;
    found.push(...parts);
  }
  return found;
};

const pooledParts = (trace: Trace, layer: number, direction: number): Part[] | null => {
  const account = writtenAndKept(trace, layer, direction);
  const hidden = select(trace, "hidden", layer, direction);
  const shown = shownOf(trace, layer, direction);
  if (account === null || shown === null) return null;
  const { written, kept } = account;
  const { units } = trace;
  return poolingShares(hidden, trace, direction).map((shows) => {
    multiply(shows, shown);
    const onward = direction === 1 ? -units : units;
    const from = direction === 1 ? units : hidden.length - 2 * units; // the token that was read last but one
    for (let row = from; row >= 0 && row < hidden.length; row -= onward) {
      for (let at = row; at < row + units; at += 1) shows[at] += kept[at + onward] * shows[at + onward];
    }
    const first = direction === 1 ? hidden.length - units : 0;
    const start = beforeFirst(trace, memoryOf(trace.cell), layer, direction);
    const started = Float64Array.from(start, (value, unit) => value * kept[first + unit] * shows[first + unit]);
    multiply(shows, written);
    return { written: shows, started };
  });
};

const multiply = (values: Float64Array, by: Float64Array): void => {
  for (let at = 0; at < values.length; at += 1) values[at] *= by[at];
};

/** What share of the memory the hidden state shows: o tanh(c) / c in an LSTM, all in a GRU; null where it was held. */
const shownOf = (trace: Trace, layer: number, direction: number): Float64Array | null => {
  const hidden = select(trace, "hidden", layer, direction);
  if (trace.cell !== "lstm") return new Float64Array(hidden.length).fill(1);
  const [cell, output] = [select(trace, "cell", layer, direction), select(trace, "output", layer, direction)];
  const shown = new Float64Array(hidden.length);
  for (let at = 0; at < shown.length; at += 1) {
    const c = cell[at];
    shown[at] = output[at] * (c === 0 ? 1 : tanh(c) / c);
    if (!isMade(shown[at] * c, hidden[at])) return null;
  }
  return shown;
};

interface Account {
  written: Float64Array;
  kept: Float64Array;
}

/** What each token adds to a layer's memory, and the share that it keeps; null where the memory was held. */
const writtenAndKept = (trace: Trace, layer: number, direction: number): Account | null => {
  const of = (name: string) => select(trace, name, layer, direction);
  const kept = Float64Array.from(of(trace.cell === "lstm" ? "forget" : "update"));
  const [candidate, memory] = [of("candidate"), of(memoryOf(trace.cell))];
  const input = trace.cell === "lstm" ? of("input") : null;
  const written = new Float64Array(kept.length);
  const before = direction === 1 ? trace.units : -trace.units;
  const start = beforeFirst(trace, memoryOf(trace.cell), layer, direction);
  for (let at = 0; at < written.length; at += 1) {
    written[at] = (input ? input[at] : 1 - kept[at]) * candidate[at];
    const last = at + before;
    const old = last >= 0 && last < memory.length ? memory[last] : start[at % trace.units];
    if (!isMade(kept[at] * old + written[at], memory[at])) return null;
  }
  return { written, kept };
};

const isMade = (computed: number, actual: number): boolean =>
  !(Math.abs(computed - actual) > ROUNDING * Math.max(1, Math.abs(actual)));
