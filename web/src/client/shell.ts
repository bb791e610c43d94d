// The page as a file without a reading, as a page without Python makes it of itself: rnnviz/page/standalone.py.

import type { Shell } from "./contract";

/** What the props of the saved page replace, as JSON in which no `<` stands as it is. */
const PLACE = "/*what the page begins with*/";
const [PROPS, SCRIPT, STYLE] = ["rnnviz-props", "rnnviz-script", "rnnviz-style"];

/** The page's template as it stands before the page begins; what is drawn into it later is not in it. */
export const templateOf = (root: Element): string => new XMLSerializer().serializeToString(root);

const textAt = async (address: string): Promise<string> => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} did not come`);
  return response.text();
};
/** The text of the page's own script or style sheet, whatever else a server or an extension has put beside it. */
const textOf = (document: Document, id: string): Promise<string> | string => {
  const own = document.getElementById(id);
  const address = own?.getAttribute("src") ?? own?.getAttribute("href");
  return address ? textAt(address) : (own?.textContent ?? "");
};

/** The file, of the script, the style sheet and the template of this page. */
export const shellOf = async (document: Document, template: string): Promise<Shell> => {
  const [script, style] = await Promise.all([textOf(document, SCRIPT), textOf(document, STYLE)]);
  const policy = [
    "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline'",
    "img-src data: blob:; worker-src blob:; child-src blob:; base-uri 'none'; form-action 'none'",
  ].join("; ");
  const parts = [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>rnnviz</title>\n<link rel="icon" href="data:,">\n<style id="${STYLE}">${style}</style>\n</head>\n<body class="rv-document">`,
    template,
    `<script type="application/json" id="${PROPS}">${PLACE}</script>`,
    `<script id="${SCRIPT}">${script}</script>\n</body>\n</html>\n`,
  ];
  return { shell: parts.join("\n"), place: PLACE };
};
