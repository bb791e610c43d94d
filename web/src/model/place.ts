// Places in a reading: a word, a unit, and the layer and direction that the unit belongs to.

/** A layer and direction. */
export interface Block {
  layer: number;
  direction: number;
}
/** A layer and direction with the units that are shown of it. */
export interface Rows extends Block {
  rows: number[];
}
export interface Unit extends Block {
  unit: number;
}
/** A word and a unit. */
export interface Here extends Unit {
  token: number;
}
interface NoUnit {
  unit: null;
  layer?: number;
  direction?: number;
}
/** What is pointed at or pinned: a word, a unit, both, or neither. */
export type Place = { token: number | null } & (Unit | NoUnit);

export const NOWHERE: Place = { token: null, unit: null };
/** A word alone. */
export const wordAlone = (token: number | null): Place => ({ token, unit: null });

export const sameBlock = (one: Partial<Block>, other: Partial<Block>): boolean =>
  one.layer === other.layer && one.direction === other.direction;
export const samePlace = (one: Place, other: Place): boolean =>
  one.token === other.token && one.unit === other.unit && sameBlock(one, other);
