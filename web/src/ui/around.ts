// What lies around the page, on the screen and on paper: rules that Gradio would not let through.

import rules from "../styles/around.css?inline";

export const lieAround = (): void => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(rules);
  document.adoptedStyleSheets.push(sheet);
};

const [WIDE, TALL] = [1020, 370]; // of a page of paper, and of what a handout's text leaves of it, in pixels
const [LARGEST, SMALLEST] = [0.84, 0.34];
/** A handout sets this view in two columns, which do not end at the same height. */
const [IN_COLUMNS, UNEVEN] = ["find", 0.72];

/** How small a picture is on paper, where it is drawn as on the screen: it fits the width, on a handout the page. */
export const fitPaper = (root: HTMLElement): void => {
  for (const box of root.querySelectorAll<HTMLElement>(".rv-picture, .rv-view:not([hidden])")) {
    const [columns, height] = box.dataset.view === IN_COLUMNS ? [2, 2 * UNEVEN * TALL] : [1, TALL];
    const broad = Math.min(LARGEST, WIDE / box.offsetWidth);
    const low = Math.max(SMALLEST, height / box.offsetHeight);
    box.style.setProperty("--rv-paper", String(broad));
    box.style.setProperty("--rv-handout", String(Math.min(broad, WIDE / columns / box.offsetWidth, low)));
  }
};
