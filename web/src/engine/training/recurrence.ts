// One layer in one direction through time: forward over a batch, and back-propagation through time.

import type { Arithmetic } from "./arithmetic";
import type { Batch } from "./batch";
import type { Cell, Memory } from "./cells";
import type { Way } from "./parameters";

/** Writes a bias into each row. */
export const fillRows = (out: Float64Array, bias: Float64Array, rows: number): void => {
  for (let row = 0; row < rows; row += 1) {
    const start = row * bias.length;
    for (let place = 0; place < bias.length; place += 1) out[start + place] = bias[place];
  }
};

/** From the sums over the inputs, which `memory.gates` holds, to all states; `turned`: the transposed weights of states;
 * `first`: the rows that hold the states before the first step, where they are not zero. */
export const readThrough = (
  arithmetic: Arithmetic,
  cell: Cell,
  memory: Memory,
  { hiddenBias }: Way,
  turned: Float64Array,
  { sizes, offsets, rows }: Batch,
  first = -1,
): void => {
  const { units, hidden } = memory;
  const sums = cell.apart ? memory.fromHidden : memory.gates;
  const width = cell.gates * units;
  if (cell.apart) fillRows(sums, hiddenBias, rows);
  for (let step = 0; step < sizes.length; step += 1) {
    const before = step > 0 ? offsets[step - 1] : first;
    const at = offsets[step];
    const texts = sizes[step];
    if (before >= 0) arithmetic.addProducts(sums, at * width, hidden, before * units, turned, texts, width, units);
    cell.forward(memory, at, before, texts);
  }
};

/**
 * From the gradient of the loss by each state to its gradient by all sums; `memory.cellSlopes` is zero at first.
 *
 * @param detach The gradient does not go back over every so many steps: before step `detach`, 2 · `detach` and so on the
 *   state counts as given (truncated back-propagation through time). 0 for never.
 * @param first As in `readThrough`; nothing goes back to those rows.
 */
export const goBack = (
  arithmetic: Arithmetic,
  cell: Cell,
  memory: Memory,
  { hiddenWeights }: Way,
  { sizes, offsets }: Batch,
  detach: number,
  first = -1,
): void => {
  const { units, fromHiddenSlopes, hiddenSlopes } = memory;
  const width = cell.gates * units;
  for (let step = sizes.length - 1; step >= 0; step -= 1) {
    const before = step > 0 ? offsets[step - 1] : first;
    const at = offsets[step];
    const texts = sizes[step];
    const carries = step > 0 && !(detach > 0 && step % detach === 0);
    cell.back(memory, at, before, texts, carries);
    if (!carries) continue;
    const [to, from] = [before * units, at * width];
    arithmetic.addProducts(hiddenSlopes, to, fromHiddenSlopes, from, hiddenWeights, texts, units, width);
  }
};

/** Adds the gradient of the weights of the states: at each step, that step's sums times the states before. */
export const addHiddenGradient = (
  arithmetic: Arithmetic,
  out: Float64Array,
  cell: Cell,
  { units, hidden, fromHiddenSlopes }: Memory,
  { sizes, offsets }: Batch,
): void => {
  const width = cell.gates * units;
  for (let step = 1; step < sizes.length; step += 1) {
    const [now, before] = [offsets[step] * width, offsets[step - 1] * units];
    arithmetic.addOuterProducts(out, fromHiddenSlopes, now, hidden, before, sizes[step], width, units);
  }
};
