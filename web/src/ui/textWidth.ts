// How wide a text is, without asking the page for its layout.

const KEPT = 5000;
const known = new Map<string, number>();
let brush: CanvasRenderingContext2D | null = null;

export const widthOf = (text: string, font: string): number => {
  const key = `${font}|${text}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size > KEPT) known.clear();
  brush ??= document.createElement("canvas").getContext("2d");
  if (!brush) return 0;
  brush.font = font;
  const { width } = brush.measureText(text);
  known.set(key, width);
  return width;
};

const MOST_LETTERS = 60; // more are never wanted

/** As much of a text as fits into a width, at least a letter, with an ellipsis where something is missing. */
export const fitted = (text: string, width: number, font: string): string => {
  const letters = [...text].slice(0, MOST_LETTERS);
  const first = (count: number) => letters.slice(0, count).join("") + (count < letters.length ? "…" : "");
  let count = letters.length;
  while (count > 1 && widthOf(first(count), font) > width) count -= 1;
  return first(count);
};
