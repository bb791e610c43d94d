// How boxes that run on are scrolled, and the page itself.

/** How the page scrolls by itself. */
export const scrolling = (): "instant" | "smooth" =>
  matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";

/** Bring a column of words into view where its box runs on, clear of the fade at the edge (columns.css). */
export const intoView = (scroll: Element, edges: readonly number[], at: number, room: number): void => {
  const FADE = 40;
  const [most, least] = [edges[at] - edges[0], edges[at + 1] + FADE - room];
  scroll.scrollLeft = Math.min(most, Math.max(least, scroll.scrollLeft));
};

/** Bring one thing of a row that runs on into view, clear of the fades at both edges (columns.css). */
export const wholly = (row: HTMLElement, { offsetLeft, offsetWidth }: HTMLElement): void => {
  const FADE = 40;
  const [most, least] = [offsetLeft - FADE, offsetLeft + offsetWidth + FADE - row.clientWidth];
  row.scrollLeft = Math.min(most, Math.max(least, row.scrollLeft));
};

/** Turn to a column that is out of view, as one turns a page: it comes to stand first. Say whether that was needed. */
export const turnTo = (scroll: Element, edges: readonly number[], at: number): boolean => {
  const FADE = 24;
  const first = Math.max(0, edges[at] - edges[0] - FADE);
  const room = scroll.clientWidth - edges[0] - FADE - (edges[at + 1] - edges[at]);
  const last = edges[at] - edges[0] - Math.max(0, room);
  if (scroll.scrollLeft <= first && scroll.scrollLeft >= last) return false;
  scroll.scrollTo({ left: first, behavior: scrolling() });
  return true;
};
