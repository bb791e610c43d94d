// What drawings are made of that leave the page: they are on white and need no style sheet.

import { html, nothing, render, svg, type TemplateResult } from "lit-html";

export const FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', sans-serif";
const INK = "#16202e";

interface Look {
  size?: number;
  anchor?: "start" | "middle" | "end";
  weight?: number;
  unknown?: boolean;
  fill?: string;
  upright?: boolean;
}
export const text = (
  x: number,
  y: number,
  words: string,
  { size = 12, anchor = "middle", weight, unknown, fill = INK, upright }: Look = {},
): TemplateResult<2> =>
  svg`<text x=${x} y=${y} fill=${fill} font-size=${size} text-anchor=${anchor} font-weight=${weight ?? nothing}
    font-style=${unknown ? "italic" : nothing} text-decoration=${unknown ? "underline" : nothing}
    transform=${upright ? `rotate(-90 ${x} ${y})` : nothing}>${words}</text>`;

export const rectangle = (x: number, y: number, width: number, height: number, fill: string): TemplateResult<2> =>
  svg`<rect x=${x} y=${y} width=${width} height=${height} fill=${fill}></rect>`;

/** The drawing as an element by itself, without the comments by which lit-html finds its way. */
export const pureSvg = (drawing: TemplateResult): SVGSVGElement => {
  const box = document.createElement("div");
  render(drawing, box);
  const comments = document.createTreeWalker(box, NodeFilter.SHOW_COMMENT);
  const found: Node[] = [];
  while (comments.nextNode()) found.push(comments.currentNode);
  for (const comment of found) comment.parentNode?.removeChild(comment);
  return box.firstElementChild as SVGSVGElement;
};
/** Parts on white, in a drawing so large. */
export const onWhite = (width: number, height: number, parts: unknown): SVGSVGElement =>
  pureSvg(
    html`<svg width=${width} height=${height} viewBox="0 0 ${width} ${height}" font-family=${FONT}>${[
      rectangle(0, 0, width, height, "#ffffff"),
      parts,
    ]}</svg>`,
  );
