// One step of each cell, in place. `gates` holds all sums, but of a GRU W x + b, and then what the gates become; of a GRU
// `sums` holds U h' + b'.
//
//     LSTM   i, f, o = sigmoid(W x + U h' + b)   g = tanh(W x + U h' + b)   c = f c' + i g   h = o tanh(c)
//     GRU    r, z = sigmoid(W x + U h' + b)   n = tanh(W x + b + r (U h' + b'))   h = (1 − z) n + z h'
//     RNN    h = tanh or relu(W x + U h' + b)
//
// Source: the documentation of torch.nn.LSTM, GRU and RNN. What is held takes its value before anything uses it.

import type { Numbers } from "./matrix";
import type { ModelConfig, Weights } from "./network";
import { sigmoid, tanh } from "./squash";

/** What is held at one word, by place among the cell's signals in their order (SIGNALS), so the stacked gates first. */
export interface Held {
  places: Int32Array;
  values: Float64Array;
}

/** States of some texts, one row each. */
export interface State {
  hidden: Numbers;
  /** Of an LSTM; else unused. */
  cell: Numbers;
}

/** Before the first word; `place` counts layers and directions. */
export const stateOf = (
  texts: number,
  { config: { cell, hidden_size }, weights }: { config: ModelConfig; weights: Weights },
  place: number,
): State => {
  const numbers = (name: string): Float64Array => {
    const values = new Float64Array(texts * hidden_size);
    const own = weights.get(`start.${name}`)?.data.subarray(place * hidden_size, (place + 1) * hidden_size);
    for (let text = 0; own && text < texts; text += 1) values.set(own, text * hidden_size);
    return values;
  };
  return { hidden: numbers("hidden"), cell: cell === "lstm" ? numbers("cell") : new Float64Array(0) };
};

/** Take one row a step on; its gates and its sums begin at `at`, its state at `row`. */
export type Step = (
  units: number,
  gates: Numbers,
  sums: Numbers,
  at: number,
  state: State,
  row: number,
  held: Held | null,
) => void;

export const stepOf = ({ cell, nonlinearity }: ModelConfig): Step => {
  if (cell === "lstm") return lstm;
  if (cell === "gru") return gru;
  return nonlinearity === "relu" ? plainRelu : plainTanh;
};

const put = (gates: Numbers, at: number, held: Held | null, from: number, to: number): void => {
  if (held === null) return;
  for (let k = 0; k < held.places.length; k += 1) {
    const place = held.places[k];
    if (from <= place && place < to) gates[at + place] = held.values[k];
  }
};

/** The same for a state, whose signal comes so many places after the first. */
const putState = (state: Numbers, row: number, held: Held | null, units: number, signal: number): void =>
  put(state, row - signal * units, held, signal * units, (signal + 1) * units);

const lstm: Step = (units, gates, _sums, at, { hidden, cell }, row, held) => {
  for (let u = 0; u < 2 * units; u += 1) gates[at + u] = sigmoid(gates[at + u]);
  for (let u = 2 * units; u < 3 * units; u += 1) gates[at + u] = tanh(gates[at + u]);
  for (let u = 3 * units; u < 4 * units; u += 1) gates[at + u] = sigmoid(gates[at + u]);
  put(gates, at, held, 0, 4 * units);
  for (let u = 0; u < units; u += 1) {
    const i = gates[at + u];
    const f = gates[at + units + u];
    const g = gates[at + 2 * units + u];
    cell[row + u] = f * cell[row + u] + i * g;
  }
  putState(cell, row, held, units, 4);
  for (let u = 0; u < units; u += 1) hidden[row + u] = gates[at + 3 * units + u] * tanh(cell[row + u]);
  putState(hidden, row, held, units, 5);
};

const gru: Step = (units, gates, sums, at, { hidden }, row, held) => {
  for (let u = 0; u < 2 * units; u += 1) gates[at + u] = sigmoid(gates[at + u] + sums[at + u]);
  put(gates, at, held, 0, 2 * units);
  for (let u = 0; u < units; u += 1) {
    const candidate = 2 * units + u;
    gates[at + candidate] = tanh(gates[at + candidate] + gates[at + u] * sums[at + candidate]);
  }
  put(gates, at, held, 2 * units, 3 * units);
  for (let u = 0; u < units; u += 1) {
    const z = gates[at + units + u];
    const n = gates[at + 2 * units + u];
    hidden[row + u] = (hidden[row + u] - n) * z + n;
  }
  putState(hidden, row, held, units, 3);
};

const plainTanh: Step = (units, gates, _sums, at, { hidden }, row, held) => {
  for (let u = 0; u < units; u += 1) gates[at + u] = tanh(gates[at + u]);
  put(gates, at, held, 0, units);
  for (let u = 0; u < units; u += 1) hidden[row + u] = gates[at + u];
};

const plainRelu: Step = (units, gates, _sums, at, { hidden }, row, held) => {
  for (let u = 0; u < units; u += 1) gates[at + u] = Math.max(0, gates[at + u]);
  put(gates, at, held, 0, units);
  for (let u = 0; u < units; u += 1) hidden[row + u] = gates[at + u];
};
