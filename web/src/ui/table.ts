// A table of texts.

import { make } from "./dom";

// A table of texts: what it shows, which may begin with a term, the names of its columns, and lines that begin with the name of their row.
export const tableOf = (caption, heads, rows) => {
  const head = make("tr", {}, ...heads.map((name) => make("th", { scope: "col" }, name)));
  const line = ([name, ...cells]) =>
    make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)));
  return make(
    "table",
    {},
    make("caption", {}, caption.charAt(0).toUpperCase() + caption.slice(1)),
    make("thead", {}, head),
    make("tbody", {}, ...rows.map(line)),
  );
};
