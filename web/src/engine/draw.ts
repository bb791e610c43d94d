// Which token a random number draws from the logits, bit for bit as `draw` of rnnviz/experiments/writing.py.

import { PADDING_ID } from "./network";

/** Logits of two machines differ by less. */
const CLOSE = 1e-6;
/** The special entries come first, and are never drawn. */
const FIRST = PADDING_ID + 1;

export interface Drawn {
  id: number;
  /** Whether another token would have come had the numbers been different by a millionth. */
  close: boolean;
  /** The ids that could have been drawn, in their order. */
  kept: number[];
}

/**
 * Draw a token: with temperature 0 the likeliest. Else the ids' shares, softmax(logits ÷ temperature) over those that can
 * be drawn, are added up in the order of the ids; the first id comes whose sum is above `luck` times the sum of all.
 *
 * @param topK - So many of the likeliest can come; null for all. Of two as likely the one with the lower id is likelier.
 * @param luck - From 0 to just below 1.
 */
export const draw = (logits: Float32Array, temperature: number, topK: number | null, luck: number): Drawn => {
  const order = orderOf(logits).slice(0, topK ?? undefined);
  const kept = [...order].sort((one, other) => one - other);
  if (temperature === 0) {
    const isClose = order.length > 1 && logits[order[0]] - logits[order[1]] < CLOSE;
    return { id: order[0], close: isClose, kept };
  }
  const shares = sharesOf(logits, temperature);
  let sum = 0;
  const sums = kept.map((id) => {
    sum += shares[id];
    return sum;
  });
  const wanted = luck * sum;
  const above = sums.findIndex((one) => one > wanted);
  const isClose = sums.slice(0, -1).some((one) => Math.abs(one - wanted) < CLOSE * sum);
  return { id: kept[above < 0 ? kept.length - 1 : above], close: isClose, kept };
};

/** The softmax of the logits through the temperature; 0 for the special entries. */
export const sharesOf = (logits: Float32Array, temperature: number): Float64Array => {
  const shares = new Float64Array(logits.length);
  let most = Number.NEGATIVE_INFINITY;
  for (let id = FIRST; id < logits.length; id += 1) most = Math.max(most, logits[id]);
  let sum = 0;
  for (let id = FIRST; id < logits.length; id += 1) {
    shares[id] = Math.exp((logits[id] - most) / temperature);
    sum += shares[id];
  }
  for (let id = FIRST; id < logits.length; id += 1) shares[id] /= sum;
  return shares;
};

/** The ids that are no special entries, the largest number first; of equal ones the lower id. */
export const orderOf = (values: Float32Array | Float64Array): number[] =>
  Array.from({ length: values.length - FIRST }, (_, place) => place + FIRST).sort(
    (one, other) => values[other] - values[one],
  );
