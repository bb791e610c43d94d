// Brings a column of words into view where its box runs on, clear of the fade at the edge (columns.css).

export const intoView = (scroll, edges, at, room) => {
  const FADE = 40;
  const [most, least] = [edges[at] - edges[0], edges[at + 1] + FADE - room];
  scroll.scrollLeft = Math.min(most, Math.max(least, scroll.scrollLeft));
};

// How the page scrolls by itself.
export const scrolling = () => (matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth");

// Turns to a column that is out of view, as to the next page: it comes to stand first, so that it and those after it can be
// read while nothing moves. Says whether it had to.
export const turnTo = (scroll, edges, at) => {
  const FADE = 24;
  const first = Math.max(0, edges[at] - edges[0] - FADE);
  const last = edges[at] - edges[0] - Math.max(0, scroll.clientWidth - edges[0] - FADE - (edges[at + 1] - edges[at]));
  if (scroll.scrollLeft <= first && scroll.scrollLeft >= last) return false;
  scroll.scrollTo({ left: first, behavior: scrolling() });
  return true;
};
