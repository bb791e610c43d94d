// The cell opened: from which sums one unit's gates come at one word, as rnnviz/page/gate_sums.py.

import type { Hold, OpenCell, OpenedCell, PlainGate, Push, ScaledGate } from "../client/contract";
import { stateOf } from "./cells";
import type { Checkpoint } from "./checkpoint";
import { asciiOf } from "./choices";
import { holdsOf } from "./hold";
import { suffixesOf, tensorOf } from "./layers";
import { EngineError } from "./objection";
import { encode } from "./read";
import { stackedOf } from "./signals";
import { type Holds, type Walked, walk } from "./walk";

/** The inputs that are named of each gate: those that push most. */
const MOST_PUSHES = 3;

type Place = Readonly<Pick<OpenCell, keyof Position>>;

interface Position {
  token: number;
  unit: number;
  layer: number;
  direction: number;
}

/** Open the sums of one unit at one word of a text that has one. */
export const opened = (checkpoint: Checkpoint, text: string, clamps: readonly Hold[], asked: Place): OpenedCell => {
  const { config } = checkpoint;
  const { ids } = encode(checkpoint, text);
  const place = positionOf(asked, {
    token: ids.length,
    unit: config.hidden_size,
    layer: config.layers,
    direction: config.bidirectional ? 2 : 1,
  });
  const holds = holdsOf(config, clamps, ids.length);
  const walked = walk(checkpoint, ids, holds);
  const x = inputOf(checkpoint, walked, ids[place.token], place);
  const state = stateBefore(checkpoint, walked, ids.length, place);
  const gates = stackedOf(config.cell).map(({ name, symbol }, gate) => {
    const value = {
      name,
      symbol,
      value: numberOf(checkpoint, walked, ids.length, name, place),
      squash: name === "hidden" ? config.nonlinearity : name === "candidate" ? "tanh" : "σ",
      held: isHeld(checkpoint, holds, gate, place),
    };
    const reset = symbol === "n" ? numberOf(checkpoint, walked, ids.length, "reset", place) : null;
    return sumsOf(checkpoint, value, gate, place, x, state, reset);
  });
  return { ...place, features: x.length, units: state.length, gates };
};

const positionOf = (asked: Place, counts: Position): Position => {
  const checked = (kind: keyof Position): number => {
    const index: unknown = asked[kind];
    const [count, given] = [counts[kind], asciiOf(index, 40)];
    if (typeof index === "number" && Number.isInteger(index) && index >= 0 && index < count) return index;
    throw new EngineError("opened_place", { kind, given, count });
  };
  return {
    token: checked("token"),
    unit: checked("unit"),
    layer: checked("layer"),
    direction: checked("direction"),
  };
};

/** What the layer read at the word. */
const inputOf = (checkpoint: Checkpoint, walked: Walked, id: number, { token, layer }: Position): Float32Array => {
  if (layer === 0) return checkpoint.words.inputs([id]);
  const units = checkpoint.config.hidden_size;
  const below = walked.hidden[layer - 1];
  return Float32Array.from(below.flatMap((hidden) => [...hidden.subarray(token * units, (token + 1) * units)]));
};

/** Its own state after the word that it read before. */
const stateBefore = (checkpoint: Checkpoint, walked: Walked, tokens: number, place: Position): Float32Array => {
  const units = checkpoint.config.hidden_size;
  const before = place.direction === 0 ? place.token - 1 : place.token + 1;
  const own = walked.hidden[place.layer][place.direction];
  if (before >= 0 && before < tokens) return Float32Array.from(own.subarray(before * units, (before + 1) * units));
  const first = place.layer * checkpoint.layers[0].length + place.direction;
  return Float32Array.from(stateOf(1, checkpoint, first).hidden);
};

const numberOf = (
  { layers, config }: Checkpoint,
  { signals }: Walked,
  tokens: number,
  name: string,
  { layer, direction, token, unit }: Position,
): number => {
  const row = (layer * layers[0].length + direction) * tokens + token;
  return signals.get(name)?.[row * config.hidden_size + unit] ?? Number.NaN;
};

const isHeld = (
  { layers, config }: Checkpoint,
  holds: Holds,
  gate: number,
  { layer, direction, token, unit }: Position,
): boolean =>
  holds[layer * layers[0].length + direction]?.[token]?.places.includes(gate * config.hidden_size + unit) ?? false;

/** A gate with its sum; `reset` is there for a GRU's candidate alone. */
const sumsOf = (
  checkpoint: Checkpoint,
  value: Pick<PlainGate, "name" | "symbol" | "value" | "squash" | "held">,
  gate: number,
  { unit, layer, direction }: Position,
  x: Float32Array,
  state: Float32Array,
  reset: number | null,
): PlainGate | ScaledGate => {
  const suffix = suffixesOf(checkpoint.config, layer)[direction];
  const of = (name: string) => tensorOf(checkpoint.weights, `rnn.${name}_${suffix}`).data;
  const row = gate * checkpoint.config.hidden_size + unit;
  const [W, U] = [of("weight_ih"), of("weight_hh")];
  const pushed = Float64Array.from(state, (one, j) => U[row * state.length + j] * one);
  const fromInput = x.reduce((sum, one, j) => sum + W[row * x.length + j] * one, 0);
  const fromHidden = pushed.reduce((sum, one) => sum + one, 0);
  const [bias, hiddenBias] = [of("bias_ih")[row], of("bias_hh")[row]];
  if (reset === null) {
    const whole = bias + hiddenBias;
    const parts = { from_input: fromInput, bias: whole, from_hidden: fromHidden };
    return { ...value, ...parts, sum: fromInput + fromHidden + whole, pushes: most(pushed) };
  }
  const inner = fromHidden + hiddenBias; // the reset gate scales what comes from the state, its bias too
  const parts = { from_input: fromInput, bias, inner, reset, sum: fromInput + bias + reset * inner };
  return { ...value, ...parts, pushes: most(pushed.map((push) => reset * push)) };
};

/** The units that push most, whichever way. */
const most = (pushed: Float64Array): Push[] =>
  Array.from(pushed, (push, unit) => ({ unit, push }))
    .sort((one, other) => Math.abs(other.push) - Math.abs(one.push) || one.unit - other.unit)
    .slice(0, MOST_PUSHES);
