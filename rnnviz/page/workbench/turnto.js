// Turns to a column that is out of view, as to the next page: it comes to stand first, so that it and those after it can be
// read while nothing moves. Says whether it had to.
const turnTo = (scroll, edges, at) => {
  const FADE = 24;
  const first = Math.max(0, edges[at] - edges[0] - FADE);
  const last = edges[at] - edges[0] - Math.max(0, scroll.clientWidth - edges[0] - FADE - (edges[at + 1] - edges[at]));
  if (scroll.scrollLeft <= first && scroll.scrollLeft >= last) return false;
  scroll.scrollTo({ left: first, behavior: scrolling() });
  return true;
};
