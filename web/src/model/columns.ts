// Where columns of words begin and end, in pixels: each as wide as its widest word, what is left of the room shared out.
// With `narrow`, words that do not fit side by side get columns of one width, no narrower than that, to stand upright in.

import { widthOf } from "../ui/textWidth";
import { visible } from "./text";

export const columnsOf = (words, gutter, room, narrow = null) => {
  const LEAST = 44;
  const FONT = "15px system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
  const MOST = 170;
  const MOST_SPARE = 160;
  const natural = words.map((some) =>
    Math.min(MOST, Math.max(LEAST, ...some.map((word) => widthOf(visible(word), FONT) + 18))),
  );
  const total = natural.reduce((sum, one) => sum + one, 0);
  if (narrow !== null && total > room - gutter) natural.fill(Math.max(narrow, (room - gutter) / natural.length));
  const spare = Math.min(MOST_SPARE, Math.max(0, room - gutter - total) / natural.length);
  const edges = [gutter];
  for (const one of natural) edges.push(edges[edges.length - 1] + one + spare);
  return edges;
};
