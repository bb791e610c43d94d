// What the view Groups draws and says, without a page: bands of rows and columns, the scale, which words are in the
// text, and tables.

import type { FoundGroups } from "../client/contract";
import type { Value } from "./csv";
import { counting, sum } from "./numbers";

/** Rows or columns of one group that lie together. */
export interface Band {
  group: number;
  first: number;
  count: number;
}
/** A row and a column of the matrix. */
export interface Cell {
  row: number;
  column: number;
}
/** The sizes of the picture, in pixels. */
export interface Sizes {
  column: number;
  row: number;
  width: number;
  height: number;
}

const SHARE = 0.98;
const MOST_TALL = 560;
const [LEAST_ROW, MOST_ROW] = [2, 18];
const [LEAST_COLUMN, MOST_COLUMN] = [1.5, 26];

/** The bands of labels that follow one another. */
export const bandsOf = (labels: readonly number[]): Band[] => {
  const bands: Band[] = [];
  labels.forEach((group, at) => {
    const last = bands.at(-1);
    if (last?.group === group) last.count += 1;
    else bands.push({ group, first: at, count: 1 });
  });
  return bands;
};

/** Where the colours end: most numbers lie within, and the few beyond have the colour of the end. */
export const limitOf = (responses: FoundGroups["responses"]): number => {
  const sizes = responses
    .flat()
    .map(Math.abs)
    .sort((one, other) => one - other);
  return sizes[Math.floor(SHARE * (sizes.length - 1))] || 1;
};

/** The sizes of a matrix in a room so wide: all of it is seen, unless its columns would be too narrow. */
export const sizesOf = ({ units, words }: Pick<FoundGroups, "units" | "words">, room: number): Sizes => {
  const column = Math.min(MOST_COLUMN, Math.max(LEAST_COLUMN, room / words.length));
  const row = Math.min(MOST_ROW, Math.max(LEAST_ROW, Math.floor(MOST_TALL / units.length)));
  return { column, row, width: column * words.length, height: row * units.length };
};

/** The columns whose words are in a text. */
export const columnsIn = (words: readonly string[], tokens: readonly string[]): number[] => {
  const there = new Set(tokens);
  return counting(words.length).filter((column) => there.has(words[column]));
};

/** The units, and the words, of each group. */
export const membersOf = (found: FoundGroups, group: number): { units: number[]; words: string[] } => ({
  units: found.units.filter((_, row) => found.unit_groups[row] === group),
  words: found.words.filter((_, column) => found.word_groups[column] === group),
});

/** How much a group's units change at a word on average, up or down; all units' where there are no groups. */
export const strengthOf = (found: FoundGroups, column: number, group: number | null): number => {
  const rows = counting(found.units.length).filter((row) => group === null || found.unit_groups[row] === group);
  return sum(rows.map((row) => Math.abs(found.responses[row][column]))) / rows.length;
};

/** A cell with the next one in some direction; inside the matrix. */
export const stepped = ({ row, column }: Cell, key: string, { units, words }: FoundGroups): Cell | null => {
  const steps: Partial<Record<string, [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  const step = steps[key];
  if (!step) return null;
  const within = (value: number, count: number) => Math.min(Math.max(value, 0), count - 1);
  return { row: within(row + step[0], units.length), column: within(column + step[1], words.length) };
};

/** The matrix as rows of a table: one a unit and word. */
export const RESPONSE_COLUMNS = ["unit", "word", "times", "response", "unit_group", "word_group"];
export const responseRows = (found: FoundGroups): Value[][] =>
  found.units.flatMap((unit, row) =>
    found.words.map((word, column): Value[] => [
      unit,
      word,
      found.counts[column],
      found.responses[row][column],
      found.groups ? found.unit_groups[row] + 1 : null,
      found.groups ? found.word_groups[column] + 1 : null,
    ]),
  );
