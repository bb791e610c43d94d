// A picture's numbers as a table, for those who read or hear them rather than see the picture.

import { capitalised } from "../model/text";
import { make } from "./dom";

/** What a table holds. A column without a name has an empty corner; each row begins with its name. */
export interface TableContent {
  caption?: string;
  heads: (string | null)[];
  rows: string[][];
}

export const tableOf = ({ caption, heads, rows }: TableContent): HTMLTableElement => {
  const head = heads.map((name) => (name === null ? make("td") : make("th", { scope: "col" }, name)));
  const line = ([name, ...cells]: string[]) =>
    make("tr", {}, make("th", { scope: "row" }, name), ...cells.map((cell) => make("td", {}, cell)));
  return make(
    "table",
    {},
    caption === undefined ? null : make("caption", {}, capitalised(caption)),
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...rows.map(line)),
  );
};

export interface TableDetails {
  node: HTMLDetailsElement;
  /** To be called when the numbers have changed. */
  draw(): void;
}

/** A line that opens a table under a picture. The table is only built while it is open; null leaves it as it is. */
export const tableDetails = (content: () => TableContent | null): TableDetails => {
  const box = make("div", { class: "rv-table", role: "group", tabindex: 0, "data-say-label": "as_table" });
  const node = make("details", { class: "rv-details" }, make("summary", { "data-say": "as_table" }), box);
  const draw = () => {
    const found = node.open ? content() : null;
    if (found) box.replaceChildren(tableOf(found));
  };
  node.addEventListener("toggle", draw);
  return { node, draw };
};
