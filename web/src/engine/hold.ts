// Gate surgery: what the page wants held, checked as rnnviz/page/hold_requests.py and rnnviz/experiments/interventions.py
// do it, in their order.

import type { Hold } from "../client/contract";
import type { Held } from "./cells";
import { unknownName } from "./choices";
import type { ModelConfig } from "./network";
import { EngineError } from "./objection";
import { memoryOf, SIGNALS, type SignalKind, stackedOf } from "./signals";
import type { Holds } from "./walk";

const MOST_HOLDS = 20;
/** Above every token, unit and layer of what is read here, and above every value that can be held. */
const LARGEST = 1_000_000;
const LONGEST_SIGNAL = 40;
const MOST_RANGES = 128;
const LARGEST_FLOAT = 3.4028234663852886e38;
/** So many units are named in an objection, as Python's reprlib does. */
const MOST_NAMED = 6;
/** By so much may a computed value leave its range, and it can still be held where it was. */
const ROUNDING = 1e-6;

/** What is asked to be held, if it has the form of that; of what has not, EngineError. Nothing is null or undefined. */
export const clampsOf = (asked: unknown, cell: ModelConfig["cell"]): Hold[] => {
  const wanted = asked ?? [];
  if (!Array.isArray(wanted)) throw new EngineError("hold_form");
  if (wanted.length > MOST_HOLDS) {
    throw new EngineError("holds_many", { found: wanted.length, most: MOST_HOLDS });
  }
  return wanted.map((one: unknown) => {
    if (!isHold(one)) throw new EngineError("hold_form");
    if (cell !== "rnn" && (one.signal === memoryOf(cell) || one.signal === "hidden")) {
      throw new EngineError("hold_state", { signal: one.signal });
    }
    return one;
  });
};

const isHold = (asked: unknown): asked is Hold => {
  if (typeof asked !== "object" || asked === null) return false;
  const { signal, value, tokens, units, layer, direction } = asked as Partial<Hold>;
  if (typeof signal !== "string" || signal.length > LONGEST_SIGNAL || /[^\0-\x7f]/.test(signal)) return false;
  if (typeof value !== "number" || !(Math.abs(value) < LARGEST)) return false;
  if (!isPair(tokens) || !areRanges(units)) return false;
  return isIndex(layer) && (direction === 0 || direction === 1);
};

/** Ranges that ascend and name no unit twice. */
const areRanges = (given: unknown): given is Hold["units"] => {
  if (!Array.isArray(given) || !given.length || given.length > MOST_RANGES || !given.every(isPair)) return false;
  return given.every(([first, last], place) => first <= last && (place === 0 || given[place - 1][1] < first));
};
const isPair = (given: unknown): given is [number, number] =>
  Array.isArray(given) && given.length === 2 && given.every(isIndex);

const isIndex = (given: unknown): boolean => Number.isInteger(given) && Number(given) >= 0 && Number(given) < LARGEST;

/** A clamp as it is laid out: from its first token up to its last, at these places of the stacked gates. */
interface Laid {
  first: number;
  end: number;
  places: number[];
  value: number;
}

/** The clamps on a text of so many tokens, laid out by layer and direction, then by token. The later one counts. */
export const holdsOf = (config: ModelConfig, clamps: readonly Hold[], tokens: number): Holds => {
  const directions = config.bidirectional ? 2 : 1;
  const laid = Array.from({ length: config.layers * directions }, (): Laid[] => []);
  for (const clamp of clamps) {
    const [kind, gate] = signalOf(config, clamp, directions);
    const [first, last] = clamp.tokens;
    const end = Math.min(last + 1, tokens);
    if (first >= end) throw nowhere("token", `slice(${first}, ${last + 1}, None)`, tokens);
    const units = unitsOf(clamp, config.hidden_size);
    checkRange(kind, clamp.value);
    const places = units.map((unit) => gate * config.hidden_size + unit);
    laid[clamp.layer * directions + clamp.direction].push({ first, end, places, value: Math.fround(clamp.value) });
  }
  return laid.map((own) => (own.length ? byToken(own, tokens) : []));
};

/** The units of a clamp, once it is known that the network has them all. */
const unitsOf = (clamp: Hold, count: number): number[] => {
  const units = clamp.units.flatMap(([first, last]) =>
    Array.from({ length: Math.min(last, Math.max(first, count)) + 1 - first }, (_, at) => first + at),
  );
  if (units.every((unit) => unit < count)) return units;
  const named = units.slice(0, MOST_NAMED).join(", ");
  throw nowhere("unit", `[${named}${units.length > MOST_NAMED ? ", ..." : ""}]`, count);
};

/** Tokens under the same clamps share one record. */
const byToken = (laid: readonly Laid[], tokens: number): (Held | null)[] => {
  const made = new Map<string, Held>();
  return Array.from({ length: tokens }, (_, token) => {
    const own = laid.filter(({ first, end }) => first <= token && token < end);
    if (!own.length) return null;
    const key = own.map((one) => laid.indexOf(one)).join();
    const held = made.get(key) ?? heldOf(own);
    made.set(key, held);
    return held;
  });
};
const heldOf = (laid: readonly Pick<Laid, "places" | "value">[]): Held => {
  const row = new Map(laid.flatMap(({ places, value }) => places.map((place): [number, number] => [place, value])));
  return { places: Int32Array.from(row.keys()), values: Float64Array.from(row.values()) };
};

/** A signal of some units that is held at every token. */
export interface WriteHold {
  signal: string;
  value: number;
  units: readonly number[];
  layer: number;
}

/** What is held while a network writes, by layer: gates and states. The later one counts. */
export const heldStates = (config: ModelConfig, holds: readonly WriteHold[]): (Held | null)[] => {
  const laid = Array.from({ length: config.layers }, (): Pick<Laid, "places" | "value">[] => []);
  const kinds = SIGNALS[config.cell];
  for (const { signal, value, units, layer } of holds) {
    const place = kinds.findIndex(({ name }) => name === signal);
    const names = kinds.map(({ name }) => name);
    if (place < 0) throw unknownName("signal", signal, names);
    if (layer >= config.layers) throw layerRange(config, layer);
    const strange = units.find((unit) => unit >= config.hidden_size);
    if (strange !== undefined) throw nowhere("unit", `[${strange}]`, config.hidden_size);
    checkRange(kinds[place], value);
    laid[layer].push({ places: units.map((unit) => place * config.hidden_size + unit), value: Math.fround(value) });
  }
  return laid.map((own) => (own.length ? heldOf(own) : null));
};

/** Which signal is held, and its place among the stacked gates, once the network is known to have it there. */
const signalOf = (config: ModelConfig, clamp: Hold, directions: number): [SignalKind, number] => {
  if (clamp.layer >= config.layers) {
    throw layerRange(config, clamp.layer);
  }
  const names = ["forward", "backward"];
  if (clamp.direction >= directions) {
    throw unknownName("direction", names[clamp.direction], names.slice(0, directions));
  }
  const gates = stackedOf(config.cell);
  const gate = gates.findIndex(({ name }) => name === clamp.signal);
  if (gate < 0) {
    throw unknownName(
      "signal",
      clamp.signal,
      SIGNALS[config.cell].map(({ name }) => name),
    );
  }
  return [gates[gate], gate];
};

const layerRange = ({ layers }: ModelConfig, given: number): EngineError =>
  new EngineError("layer_range", { given, layers: `${layers} layer${layers === 1 ? "" : "s"}` });
const nowhere = (kind: string, given: string, count: number): EngineError =>
  new EngineError("clamp_place", { kind, given, count });

const checkRange = (kind: SignalKind, given: number): void => {
  const [low, high] = [Math.max(kind.low, -LARGEST_FLOAT), Math.min(kind.high, LARGEST_FLOAT)];
  if (given < low - ROUNDING || given > high + ROUNDING) {
    throw new EngineError("clamp_range", { signal: kind.name, given, low, high });
  }
};
