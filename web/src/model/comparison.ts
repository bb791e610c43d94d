// Two readings side by side, in numbers: which words stand beside which, where the answers part, which units differ
// most.

import type { Comparison as Compared, ReadSignal } from "../client/contract";
import { reachOf } from "../engine/signals";
import { shownClasses } from "./colours";
import { argmax, counting, sum } from "./numbers";
import { type Block, type Place, sameBlock } from "./place";
import { type Reading, unpackReading } from "./reading";
import { told } from "./text";

const FINEST = 0.1; // the scale of differences reaches at least so far: next to nothing must not look like much

/** Of the values of the units shown, this share lies within the colours. */
const USUAL = 0.9;

/** Positions side by side: null where one has no such word. */
export type Pair = Compared["pairs"][number];

/** Where answers are furthest apart: at which column, and for which class. */
export interface Apart {
  size: number;
  column: number;
  label: number;
}

/** The units of a layer and direction that are shown: those that differ most, and the pinned one. */
export interface Limits {
  low: number;
  high: number;
  /** Whether a few values lie beyond. */
  beyond: boolean;
}
export interface UnitGroup {
  place: Block;
  most: number[];
  units: number[];
}

/** Whether there is a word on both sides. */
export const isWhole = (pair: Pair): pair is [number, number] => pair[0] !== null && pair[1] !== null;

/** The column and the class in which the answers are furthest apart; null where there are no two to compare. */
const parting = (left: Reading, right: Reading, pairs: Pair[]): Apart | null => {
  let most: Apart | null = null;
  for (const [column, pair] of pairs.entries()) {
    if (!isWhole(pair)) continue;
    const [before, after] = [left.verdicts[pair[0]], right.verdicts[pair[1]]];
    for (const label of [left.answer, ...left.labels.keys()]) {
      const size = Math.abs(after[label] - before[label]);
      if (most === null || size > most.size + 1e-9) most = { size, column, label };
    }
  }
  return most;
};

export class Comparison {
  readonly left: Reading;
  readonly right: Reading;
  readonly pairs: Pair[];
  readonly sameClasses: boolean;
  readonly sameNetwork: boolean;
  readonly apart: Apart | null;
  /** The first pair of words that are not the same. */
  readonly first: Pair | null;
  /** Whether a text was longer than what was read of it. */
  readonly long: boolean;

  constructor(answer: Compared) {
    const [left, right] = [unpackReading(answer.one), unpackReading(answer.other)];
    const { pairs } = answer;
    this.sameClasses = left.labels.join("\n") === right.labels.join("\n");
    this.sameNetwork = left.model === right.model;
    // Where the classes are the same, they have the same colours, one upon the other in the same order.
    const verdicts = [...left.verdicts, ...right.verdicts];
    const classes = this.sameClasses ? { classes: shownClasses(left.labels, verdicts, left.answer) } : {};
    this.left = { ...left, ...classes };
    this.right = { ...right, ...classes };
    this.pairs = pairs;
    this.apart = this.sameClasses ? parting(left, right, pairs) : null;
    const differs = (pair: Pair) => !isWhole(pair) || left.tokens[pair[0]] !== right.tokens[pair[1]];
    this.first = pairs.find(differs) ?? null;
    this.long = [left, right].some(({ tokens, total }) => total > tokens.length);
  }

  /** A signal of a unit on both sides, at a column; null where there is no word. */
  values(column: number, unit: number, signal: string, { layer, direction }: Block): [number | null, number | null] {
    const [l, r] = this.pairs[column];
    const at = (reading: Reading, t: number | null) =>
      t === null ? null : reading.value(reading.signal(signal), t, unit, layer, direction);
    return [at(this.left, l), at(this.right, r)];
  }
  /** How far B is from A there; null where one of them has no word. */
  difference(column: number, unit: number, signal: string, place: Block): number | null {
    const [before, after] = this.values(column, unit, signal, place);
    return before === null || after === null ? null : after - before;
  }
  private distance(column: number, unit: number, signal: string, place: Block): number {
    return Math.abs(this.difference(column, unit, signal, place) ?? 0);
  }
  /** The unit that differs most at a column, and what it holds on both sides. */
  unitAt(column: number, signal: string, place: Block): { unit: number; before: number; after: number } {
    const unit = argmax(counting(this.left.units).map((one) => this.distance(column, one, signal, place)));
    const [before, after] = this.values(column, unit, signal, place);
    return { unit, before: before ?? 0, after: after ?? 0 };
  }
  /** The unit that differs most where the answers do, then those that differ most over all words. */
  unitsApart(signal: string, place: Block, count: number): number[] {
    const differs = (unit: number) => sum(this.pairs.map((_, column) => this.distance(column, unit, signal, place)));
    const sizes = counting(this.left.units).map((unit) => ({ unit, size: differs(unit) }));
    const order = sizes.sort((one, other) => other.size - one.size).map(({ unit }) => unit);
    const first = this.apart ? [this.unitAt(this.apart.column, signal, place).unit] : [];
    return [...new Set([...first, ...order])].slice(0, count);
  }
  /** Of each layer and direction the units that differ most, so many, and the pinned one. */
  groupsOf(signal: string, places: Block[], count: number, pinned: Place): UnitGroup[] {
    return places.map((place) => {
      const most = this.unitsApart(signal, place, count);
      const { unit } = pinned;
      const own = unit !== null && sameBlock(pinned, place) && unit < this.left.units ? [unit] : [];
      return { place, most, units: [...new Set([...most, ...own])] };
    });
  }
  /** How far the scale of B − A reaches for some units: to their largest difference. */
  furthest(units: number[], signal: string, place: Block): number {
    const sizes = units.flatMap((unit) => this.pairs.map((_, column) => this.distance(column, unit, signal, place)));
    return Math.max(FINEST, ...sizes);
  }
  /** The scale of a signal on both sides, out to nearly all that the units shown hold; whether a few values lie beyond. */
  limits(name: string, groups: UnitGroup[]): Limits {
    const found = [this.left, this.right].map((reading) => reading.signal(name));
    const high = Math.max(...found.map((signal) => signal.high));
    const low = Math.min(...found.map((signal) => signal.low));
    if (found.every(({ scale }) => scale <= high)) return { low, high, beyond: false };
    const shown = groups.flatMap(({ units, place }) =>
      units.flatMap((unit) => this.pairs.flatMap((_, column) => this.values(column, unit, name, place))),
    );
    const sizes = shown
      .filter((value) => value !== null)
      .map(Math.abs)
      .sort((one, next) => one - next);
    const reach = Math.max(high, reachOf(sizes[Math.floor(sizes.length * USUAL)] ?? 0));
    return { low: -reach, high: reach, beyond: found.some(({ scale }) => scale > reach) };
  }

  /** Layers and directions as far as A has them, each once. */
  within(blocks: Block[]): Block[] {
    const { layers, directions } = this.left;
    const clipped = blocks.map(({ layer, direction }) => ({
      layer: Math.min(layer, layers - 1),
      direction: Math.min(direction, directions - 1),
    }));
    return [...new Map(clipped.map((place) => [JSON.stringify(place), place])).values()];
  }
  /** The signal of a name, or the memory where A has no such signal. */
  signalOf(name: string): ReadSignal {
    return this.left.find(name) ?? this.left.signal(this.left.memory);
  }

  /** The words of a pair: one name where both are the same. */
  word([l, r]: Pair): string {
    const before = l === null ? null : this.left.tokens[l];
    const after = r === null ? null : this.right.tokens[r];
    if (before === null || after === null || before === after) return told(before ?? after ?? "");
    return `${told(before)} / ${told(after)}`;
  }
  /** How far the class's share differs at a pair of words, −1 to 1; null where there are no two. */
  change(pair: Pair): number | null {
    if (this.apart === null || !isWhole(pair)) return null;
    const { label } = this.apart;
    return this.right.verdicts[pair[1]][label] - this.left.verdicts[pair[0]][label];
  }
}
