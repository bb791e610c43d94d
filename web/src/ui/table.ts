// A picture's numbers as a table, for those who read or hear them rather than see the picture.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { capitalised } from "../model/text";

/** What a table holds. A column without a name has an empty corner; each row begins with its name. */
export interface TableContent {
  caption?: string;
  heads: (string | null)[];
  rows: string[][];
}

const headOf = (name: string | null) => (name === null ? html`<td></td>` : html`<th scope="col">${name}</th>`);
const rowOf = ([name, ...cells]: string[]) =>
  html`<tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
const tableTemplate = ({ caption, heads, rows }: TableContent): TemplateResult => html`<table
  >${caption === undefined ? nothing : html`<caption>${capitalised(caption)}</caption>`}<thead
    ><tr>${heads.map(headOf)}</tr></thead
  ><tbody>${rows.map(rowOf)}</tbody></table>`;

/** Put a table into a box, or change the cells of the one that is there. */
export const drawTable = (content: TableContent, box: HTMLElement): void => {
  render(tableTemplate(content), box);
};

export interface TableDetails {
  node: HTMLDetailsElement;
  /** To be called when the numbers have changed. */
  draw(): void;
}

/** A line that opens a table under a picture. The table is only built while it is open; null leaves it as it is. */
export const tableDetails = (content: () => TableContent | null): TableDetails => {
  const node = document.createElement("details");
  node.className = "rv-details";
  render(
    html`<summary data-say="as_table"></summary><div
      class="rv-table"
      role="group"
      tabindex="0"
      data-say-label="as_table"
    ></div>`,
    node,
  );
  const box = node.querySelector<HTMLElement>(".rv-table");
  const draw = () => {
    const found = node.open ? content() : null;
    if (found && box) drawTable(found, box);
  };
  node.addEventListener("toggle", draw);
  return { node, draw };
};
