// Columns of words under each other: where they begin and end, in pixels, and which one lies at a point.

import { last, sum } from "./numbers";
import { visible } from "./text";

const LEAST = 44;
const MOST = 170;
const MOST_SPARE = 160;
const FONT = "15px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";

/** Measures how wide a text is in a font. */
export type Measure = (text: string, font: string) => number;

export interface ColumnSettings {
  /** The words of each column. */
  words: string[][];
  /** Where the first column begins. */
  gutter: number;
  /** Where the last one ends, if there is room. */
  room: number;
  /** Words that do not fit side by side get columns of one width, no narrower than this, to stand upright in. */
  narrow?: number;
  measure: Measure;
}

/** The edges of the columns: each as wide as its widest word, and the room that is left shared out. */
export const columnsOf = ({ words, gutter, room, narrow, measure }: ColumnSettings): number[] => {
  const widest = (some: string[]) => Math.max(LEAST, ...some.map((word) => measure(visible(word), FONT) + 18));
  const natural = words.map((some) => Math.min(MOST, widest(some)));
  const total = sum(natural);
  if (narrow !== undefined && total > room - gutter) {
    natural.fill(Math.max(narrow, (room - gutter) / natural.length));
  }
  const spare = Math.min(MOST_SPARE, Math.max(0, room - gutter - total) / natural.length);
  return edgesOf(
    gutter,
    natural.map((one) => one + spare),
  );
};

/** The edges of columns of these widths, of which the first begins at the gutter. */
export const edgesOf = (gutter: number, widths: number[]): number[] => {
  const edges = [gutter];
  for (const width of widths) edges.push(last(edges) + width);
  return edges;
};

/** The column at a place along, or null beside all of them. */
export const columnAt = (edges: readonly number[], x: number): number | null => {
  const found = edges.findIndex((edge, place) => x >= edge && x < edges[place + 1]);
  return found < 0 ? null : found;
};
