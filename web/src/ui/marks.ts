// Marks for up to three things in one picture, told apart by shape as well as by colour: a disc, a square, a triangle.

import { html, nothing, svg, type TemplateResult } from "lit-html";

/** The colours of the marks on white (columns.css). */
export const MARKS = ["#b83c00", "#0b7568", "#5b3fb5"];
export const SHAPES = ["M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z", "M-4.5-4.5h9v9h-9Z", "M0-6L5.5 4h-11Z"];

interface Mark {
  /** Which of the things it stands for. */
  place: number;
  x: number;
  y: number;
  /** Its classes beside the one of its colour. */
  classes?: string;
  /** The word that it stands at. */
  token?: number;
}

/** A mark at a point of a picture. */
export const markAt = ({ place, x, y, classes = "", token }: Mark): TemplateResult<2> => svg`<path
  class=${`${classes} rv-mark-${place}`}
  d=${SHAPES[place]}
  transform=${`translate(${x} ${y})`}
  data-token=${token ?? nothing}
/>`;

/** A mark in a legend. */
export const legendMark = (place: number): TemplateResult => html`<svg
  width="16"
  height="16"
  viewBox="-8 -8 16 16"
  aria-hidden="true"
><path class=${`rv-mark-${place}`} d=${SHAPES[place]} /></svg>`;
