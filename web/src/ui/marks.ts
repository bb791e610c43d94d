// Marks for up to three things in one picture, told apart by shape as well as by colour: a disc, a square, a triangle.

import { type Attributes, svgMake } from "./dom";

const SHAPES = ["M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z", "M-4.5-4.5h9v9h-9Z", "M0-6L5.5 4h-11Z"];

export const markOf = (place: number, attributes: Attributes = {}): SVGPathElement => {
  const node = svgMake("path", { d: SHAPES[place], ...attributes });
  node.classList.add(`rv-mark-${place}`);
  return node;
};

/** A mark in a legend. */
export const legendMark = (place: number): SVGSVGElement =>
  svgMake("svg", { width: 16, height: 16, viewBox: "-8 -8 16 16", "aria-hidden": "true" }, markOf(place));
