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
