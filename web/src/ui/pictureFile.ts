// A drawing of the page as a file of its own: what the style sheets say of it is written into it.

const LOOKS = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linecap",
  "stroke-linejoin",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
  "dominant-baseline",
  "visibility",
  "display",
];

/** Write into a drawing what it comes from. */
export const describe = (drawing: SVGSVGElement, provenance: object): void => {
  const about = document.createElementNS("http://www.w3.org/2000/svg", "metadata");
  // JSON writes what XML may not hold by its number, but for two of them.
  about.textContent = JSON.stringify(provenance).replace(
    /[\ufffe\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16)}`,
  );
  drawing.prepend(about);
};

/** What the style sheets say of a drawing on the page, written into its copy. */
const bringLooks = (drawing: SVGSVGElement, copy: SVGSVGElement): void => {
  const [own, copied] = [drawing, copy].map((root) => [root, ...root.querySelectorAll("*")]);
  own.forEach((node, place) => {
    const looks = getComputedStyle(node);
    const said = LOOKS.map((name) => `${name}:${looks.getPropertyValue(name)}`).join(";");
    (copied[place] as SVGElement).style.cssText = said;
  });
  const { width, height } = drawing.getBoundingClientRect();
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
};

/** An SVG as a text, with the looks that it has on the page, if it is there, and with what it comes from. */
export const svgFile = (drawing: SVGSVGElement, provenance: object): string => {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  if (drawing.isConnected) bringLooks(drawing, copy);
  describe(copy, provenance);
  const comments = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
  const found: ChildNode[] = [];
  while (comments.nextNode()) found.push(comments.currentNode as ChildNode);
  for (const comment of found) comment.remove();
  return new XMLSerializer().serializeToString(copy);
};
