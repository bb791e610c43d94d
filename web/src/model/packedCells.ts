// A batch three times: as the padded rectangle, as packed columns, as the data in memory. Where each cell lies.

import type { Batch } from "../client/contract";

/** A cell of one of the pictures. The same token, or the same padding, has the same key in all three. */
export interface Cell {
  column: number;
  row: number;
  /** The text and the step that it belongs to; at that step the text may have ended. */
  text: number;
  step: number;
  key: string;
}

type Layout = Pick<Batch, "texts" | "rows">;

const keyOf = (text: number, step: number): string => `${text}-${step}`;
const cellAt = (column: number, row: number, text: number, step: number): Cell => ({
  column,
  row,
  text,
  step,
  key: keyOf(text, step),
});

/** Of each text a row, of each step a column. */
export const paddedCells = ({ texts, rows }: Layout): Cell[] =>
  texts.flatMap((_, text) => rows.map((_some, step) => cellAt(step, text, text, step)));

/** Of each step a column, with the texts that have not ended. */
export const stepCells = ({ rows }: Layout): Cell[] =>
  rows.flatMap((some, step) => some.map((text, row) => cellAt(step, row, text, step)));

/** One row: the columns of the steps one after the other. */
export const dataCells = (layout: Layout): Cell[] =>
  stepCells(layout).map(({ text, step }, place) => cellAt(place, 0, text, step));

/** Where each token lies in the packed data, counted from 1, by the key of its cell. */
export const placesOf = (layout: Layout): Map<string, number> =>
  new Map(dataCells(layout).map(({ key, column }) => [key, column + 1]));
