// Marks for up to three things in one picture, told apart by shape as well as by colour: a disc, a square, a triangle.

import { svgMake } from "./dom";

export const markOf = (place, attributes = {}) => {
  const SHAPES = ["M-5 0a5 5 0 1 0 10 0a5 5 0 1 0-10 0Z", "M-4.5-4.5h9v9h-9Z", "M0-6L5.5 4h-11Z"];
  const node = svgMake("path", { d: SHAPES[place], ...attributes });
  node.classList.add(`rv-mark-${place}`);
  return node;
};
