// Brings a column of words into view where its box runs on, clear of the fade at the edge (columns.css).

const intoView = (scroll, edges, at, room) => {
  const FADE = 40;
  const [most, least] = [edges[at] - edges[0], edges[at + 1] + FADE - room];
  scroll.scrollLeft = Math.min(most, Math.max(least, scroll.scrollLeft));
};
