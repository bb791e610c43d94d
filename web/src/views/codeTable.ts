// An array of the view In code as a table: its numbers in the colours of the heatmap, the ends framed, the selection
// marked.

import { html, nothing, type TemplateResult } from "lit-html";
import { classMap } from "lit-html/directives/class-map.js";
import { repeat } from "lit-html/directives/repeat.js";
import type { CodeArray, CodeCell, CodeRow } from "../model/codeArrays";
import { colourOf, css, inkOn } from "../model/colours";
import type { Page } from "../state/page";

/** An array, and how its rows are called. */
export interface TableOfCode {
  /** As code, such as `output[0]`. */
  name: string;
  array: CodeArray;
  /** The range of its colours. */
  ends: readonly [low: number, high: number];
  /** The column of the selected unit; null where it is not in it. */
  column: number | null;
  rowName(row: CodeRow): TemplateResult | string;
}

const GAP = html`<td class="rv-code-gap">…</td>`;
const cellTemplate = (page: Page, cell: CodeCell | null, [low, high]: TableOfCode["ends"]) => {
  if (!cell) return GAP;
  const { value, unit, layer, direction, end, chosen } = cell;
  const classes = { "rv-code-cell": true, [`rv-code-end-${direction}`]: end, "rv-at": chosen };
  const colour = value === undefined ? null : colourOf(value, low, high);
  const style = colour ? `background: ${css(colour)}; color: ${inkOn(colour)}` : "";
  return html`<td class=${classMap(classes)} .style=${style} data-unit=${unit} data-layer=${layer}
    data-direction=${direction}>${value === undefined ? "?" : page.signed(value)}</td>`;
};

/** The table. Its box takes what the pointer does: each cell says which unit, layer and direction it is. */
export const codeTable = (page: Page, { name, array, ends, column, rowName }: TableOfCode): TemplateResult => {
  const head = (at: number | null) =>
    at === null
      ? html`<th class="rv-code-gap" scope="col">…</th>`
      : html`<th scope="col" class=${at === column ? "rv-at" : ""}>${at}</th>`;
  const row = (one: CodeRow | null) =>
    one === null
      ? html`<tr class="rv-code-gap"><th scope="row">⋮</th>${array.columns.map(() => html`<td></td>`)}</tr>`
      : html`<tr data-token=${one.token ?? nothing}><th scope="row" class=${one.chosen ? "rv-at" : ""}
          >${rowName(one)}</th>${one.cells.map((cell) => cellTemplate(page, cell, ends))}</tr>`;
  return html`<div class="rv-code-array"><h3 lang="en"><code>${name}</code></h3
    ><div class="rv-code-scroll" role="group" tabindex="0" aria-label=${name}><table
      ><thead><tr><td></td>${array.columns.map(head)}</tr></thead
      ><tbody>${repeat(array.rows, (one, n) => one?.key ?? n, row)}</tbody></table></div></div>`;
};
