// The page as a file without a reading, as a page without Python makes it of itself: rnnviz/page/standalone.py.

import type { Shell } from "./contract";

/** What the props of the saved page replace, as JSON in which no `<` stands as it is. */
const PLACE = "/*the reading*/";
const PROPS = "rnnviz-props";

/** The page's template as it stands before the page begins; what is drawn into it later is not in it. */
export const templateOf = (root: Element): string => new XMLSerializer().serializeToString(root);

const textAt = async (address: string): Promise<string> => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} did not come`);
  return response.text();
};
const scriptOf = (document: Document): Promise<string> | string => {
  const [script] = [...document.scripts].filter(({ type }) => type === "").slice(-1);
  return script.src ? textAt(script.src) : script.text;
};
const styleOf = (document: Document): Promise<string> | string => {
  const sheet = document.querySelector<HTMLLinkElement>("link[rel=stylesheet]");
  return sheet ? textAt(sheet.href) : (document.querySelector("style")?.textContent ?? "");
};

/** The file, of the script, the style sheet and the template of this page. */
export const shellOf = async (document: Document, template: string): Promise<Shell> => {
  const [script, style] = await Promise.all([scriptOf(document), styleOf(document)]);
  const policy = [
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'",
    "img-src data: blob:; worker-src blob:; child-src blob:; base-uri 'none'; form-action 'none'",
  ].join("; ");
  const parts = [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>rnnviz</title>\n<style>${style}</style>\n</head>\n<body class="rv-document">`,
    template,
    `<script type="application/json" id="${PROPS}">${PLACE}</script>`,
    `<script>${script}</script>\n</body>\n</html>\n`,
  ];
  return { shell: parts.join("\n"), place: PLACE };
};
