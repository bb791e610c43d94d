// What an RNN, a GRU and an LSTM do with the sums of one step, forward and back, for all texts of a batch at once.
//
// The equations are those of PyTorch's documentation; rnnviz/engine/cells.py has them too. Unlike ../cells.ts, what the way
// back needs is kept here, and nothing is held.

import type { ModelConfig } from "../network";
import { sigmoid, tanh } from "../squash";
import type { Arithmetic } from "./arithmetic";

/** What one layer in one direction keeps of a reading, and its gradients ("slopes"): row by row in reading order. */
export interface Memory {
  units: number;
  /** [row, gate, unit]: sums of inputs and biases (of an RNN and an LSTM also of states), then the gates themselves. */
  gates: Float64Array;
  hidden: Float64Array;
  /** Of an LSTM: its memory, and what tanh makes of it. */
  cell: Float64Array;
  shown: Float64Array;
  /** Of a GRU: [row, gate, unit], the sums over the states. */
  fromHidden: Float64Array;
  /** ∂ loss / ∂ the sums of inputs, and of states; but for a GRU both are the same numbers. */
  gateSlopes: Float64Array;
  fromHiddenSlopes: Float64Array;
  hiddenSlopes: Float64Array;
  cellSlopes: Float64Array;
}

/** One step: the rows from `at`, as many as texts; those of the step before begin at `before`, which is -1 at the first. */
type Step = (memory: Memory, at: number, before: number, texts: number) => void;

export interface Cell {
  gates: number;
  /** Whether sums over inputs and over states are kept apart. */
  apart: boolean;
  forward: Step;
  /**
   * From the gradient of this step's states to that of its sums; what goes straight to the states of the step before is
   * added there, unless `before` is cut off by `carries`.
   */
  back(memory: Memory, at: number, before: number, texts: number, carries: boolean): void;
}

const lstmForward: Step = ({ units, gates, hidden, cell, shown }, at, before, texts) => {
  for (let text = 0; text < texts; text += 1) {
    const sums = (at + text) * 4 * units;
    const row = (at + text) * units;
    const earlier = (before + text) * units;
    for (let unit = 0; unit < units; unit += 1) {
      const place = sums + unit;
      const input = sigmoid(gates[place]);
      const forget = sigmoid(gates[place + units]);
      const candidate = tanh(gates[place + 2 * units]);
      const output = sigmoid(gates[place + 3 * units]);
      const kept = before < 0 ? 0 : forget * cell[earlier + unit];
      const now = kept + input * candidate;
      const seen = tanh(now);
      gates[place] = input;
      gates[place + units] = forget;
      gates[place + 2 * units] = candidate;
      gates[place + 3 * units] = output;
      cell[row + unit] = now;
      shown[row + unit] = seen;
      hidden[row + unit] = output * seen;
    }
  }
};

const lstmBack: Cell["back"] = (memory, at, before, texts, carries) => {
  const { units, gates, cell, shown, gateSlopes, hiddenSlopes, cellSlopes } = memory;
  for (let text = 0; text < texts; text += 1) {
    const sums = (at + text) * 4 * units;
    const row = (at + text) * units;
    const earlier = (before + text) * units;
    for (let unit = 0; unit < units; unit += 1) {
      const place = sums + unit;
      const input = gates[place];
      const forget = gates[place + units];
      const candidate = gates[place + 2 * units];
      const output = gates[place + 3 * units];
      const seen = shown[row + unit];
      const slope = hiddenSlopes[row + unit];
      const inside = cellSlopes[row + unit] + slope * output * (1 - seen * seen);
      const old = before < 0 ? 0 : cell[earlier + unit];
      gateSlopes[place] = inside * candidate * input * (1 - input);
      gateSlopes[place + units] = inside * old * forget * (1 - forget);
      gateSlopes[place + 2 * units] = inside * input * (1 - candidate * candidate);
      gateSlopes[place + 3 * units] = slope * seen * output * (1 - output);
      if (carries) cellSlopes[earlier + unit] += inside * forget;
    }
  }
};

const gruForward: Step = ({ units, gates, hidden, fromHidden }, at, before, texts) => {
  for (let text = 0; text < texts; text += 1) {
    const sums = (at + text) * 3 * units;
    const row = (at + text) * units;
    const earlier = (before + text) * units;
    for (let unit = 0; unit < units; unit += 1) {
      const place = sums + unit;
      const reset = sigmoid(gates[place] + fromHidden[place]);
      const update = sigmoid(gates[place + units] + fromHidden[place + units]);
      const candidate = tanh(gates[place + 2 * units] + reset * fromHidden[place + 2 * units]);
      const old = before < 0 ? 0 : hidden[earlier + unit];
      gates[place] = reset;
      gates[place + units] = update;
      gates[place + 2 * units] = candidate;
      hidden[row + unit] = candidate + update * (old - candidate);
    }
  }
};

const gruBack: Cell["back"] = (memory, at, before, texts, carries) => {
  const { units, gates, hidden, fromHidden, gateSlopes, fromHiddenSlopes, hiddenSlopes } = memory;
  for (let text = 0; text < texts; text += 1) {
    const sums = (at + text) * 3 * units;
    const row = (at + text) * units;
    const earlier = (before + text) * units;
    for (let unit = 0; unit < units; unit += 1) {
      const place = sums + unit;
      const reset = gates[place];
      const update = gates[place + units];
      const candidate = gates[place + 2 * units];
      const slope = hiddenSlopes[row + unit];
      const old = before < 0 ? 0 : hidden[earlier + unit];
      const proposed = slope * (1 - update) * (1 - candidate * candidate);
      const admitted = proposed * fromHidden[place + 2 * units] * reset * (1 - reset);
      const kept = slope * (old - candidate) * update * (1 - update);
      gateSlopes[place] = admitted;
      gateSlopes[place + units] = kept;
      gateSlopes[place + 2 * units] = proposed;
      fromHiddenSlopes[place] = admitted;
      fromHiddenSlopes[place + units] = kept;
      fromHiddenSlopes[place + 2 * units] = proposed * reset;
      if (carries) hiddenSlopes[earlier + unit] += slope * update;
    }
  }
};

const tanhForward: Step = ({ units, gates, hidden }, at, _before, texts) => {
  for (let place = at * units; place < (at + texts) * units; place += 1) hidden[place] = tanh(gates[place]);
};

const tanhBack: Cell["back"] = ({ units, hidden, gateSlopes, hiddenSlopes }, at, _before, texts) => {
  for (let place = at * units; place < (at + texts) * units; place += 1) {
    gateSlopes[place] = hiddenSlopes[place] * (1 - hidden[place] * hidden[place]);
  }
};

const reluForward: Step = ({ units, gates, hidden }, at, _before, texts) => {
  for (let place = at * units; place < (at + texts) * units; place += 1) {
    hidden[place] = Math.max(0, gates[place]);
  }
};

const reluBack: Cell["back"] = ({ units, hidden, gateSlopes, hiddenSlopes }, at, _before, texts) => {
  for (let place = at * units; place < (at + texts) * units; place += 1) {
    gateSlopes[place] = hidden[place] > 0 ? hiddenSlopes[place] : 0;
  }
};

/** The cell of a network. */
export const cellOf = ({ cell, nonlinearity }: Pick<ModelConfig, "cell" | "nonlinearity">): Cell => {
  if (cell === "lstm") return { gates: 4, apart: false, forward: lstmForward, back: lstmBack };
  if (cell === "gru") return { gates: 3, apart: true, forward: gruForward, back: gruBack };
  if (nonlinearity === "relu") return { gates: 1, apart: false, forward: reluForward, back: reluBack };
  return { gates: 1, apart: false, forward: tanhForward, back: tanhBack };
};

/** Room for a reading of so many rows. */
export const memoryFor = (cell: Cell, units: number, rows: number, arithmetic: Arithmetic): Memory => {
  const perGate = () => arithmetic.numbers(rows * cell.gates * units);
  const perUnit = () => arithmetic.numbers(rows * units);
  const lstm = cell.gates === 4;
  const none = new Float64Array(0);
  const gateSlopes = perGate();
  return {
    units,
    gates: perGate(),
    hidden: perUnit(),
    cell: lstm ? perUnit() : none,
    shown: lstm ? perUnit() : none,
    fromHidden: cell.apart ? perGate() : none,
    gateSlopes,
    fromHiddenSlopes: cell.apart ? perGate() : gateSlopes,
    hiddenSlopes: perUnit(),
    cellSlopes: lstm ? perUnit() : none,
  };
};
