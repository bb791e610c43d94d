// The memory ledger's bars as SVG paths: what is left of each word, and an outline of what it wrote.

import type { Account, Row } from "./account";

/** Height of the tallest bar, above the line or below it. */
export const HALF = 40;
/** Two digits after the point would write less than this as nothing. */
export const LITTLE = 0.005;
const WIDEST = 44;

/** What a word wrote, where that looks other than what is left of it; else 0. */
const lost = ({ wrote, left }: Row, scale: number): number =>
  wrote !== undefined && Math.abs(wrote) - Math.abs(left) > (2 * scale) / HALF ? wrote : 0;

const bar = (value: number, scale: number, left: number, right: number): string => {
  const tall = (Math.abs(value) / scale) * HALF;
  if (tall < 0.5) return "";
  const wide = Math.min((right - left) * 0.6, WIDEST);
  return `M${(left + right - wide) / 2} ${HALF}h${wide}v${value > 0 ? -tall : tall}h${-wide}z`;
};

export interface BarPath {
  kind: "wrote" | "left";
  side: "above" | "below";
  d: string;
}

/**
 * All bars of one kind and side as one path each.
 *
 * @param edges - Where the words' columns begin and end.
 * @param end - The last word whose bar is drawn.
 */
export const barPaths = ({ rows, scale }: Account, edges: readonly number[], end: number): BarPath[] => {
  const values = { wrote: rows.map((row) => lost(row, scale)), left: rows.map(({ left }) => left) };
  const path = (kind: BarPath["kind"], side: BarPath["side"]): BarPath => {
    const sign = side === "above" ? 1 : -1;
    const drawn = values[kind].map((value, t) =>
      value * sign > 0 && t <= end ? bar(value, scale, edges[t], edges[t + 1]) : "",
    );
    return { kind, side, d: drawn.join("") };
  };
  return [path("wrote", "below"), path("left", "below"), path("wrote", "above"), path("left", "above")];
};

/** The outline of what one word wrote when it was read. */
export const outlineOf = ({ rows, scale }: Account, edges: readonly number[], t: number) => {
  const wrote = lost(rows[t], scale);
  return { above: wrote > 0, d: bar(wrote, scale, edges[t], edges[t + 1]) };
};
