// How the visitor's own file is written: menus that say what was found and change it, and its first rows.

import { html, nothing, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import { visible } from "../model/text";
import type { Page } from "../state/page";
import { targetOf } from "../ui/dom";

/** What is shown of a file: the names of its columns, the rows below them, and how the server found it to be written. */
export interface ShownFile {
  columns: string[];
  preview: string[][];
  found: Record<string, string>;
  /** The values that were chosen, by the name of the menu; empty for what is found in the file. */
  chosen: Record<string, string>;
  /** Begins the ids of the menus. */
  prefix: string;
}

/** Values that have words of their own. */
const WORDS: Record<string, string> = { yes: "yes", no: "no", "\t": "tab", replace: "replace" };

export const fileMenus = (
  page: Page,
  shown: ShownFile,
  choose: (name: string, value: string) => void,
): TemplateResult => {
  const { file_menus: menus = {} } = page.props.training ?? {};
  const titleOf = (value: string) => (value in WORDS ? page.say(`train_file_${WORDS[value]}`) : visible(value));
  const menu = ([name, values]: [string, string[]]) => {
    const found = shown.found[name];
    const chosen = shown.chosen[name] ?? "";
    const unsaid = found ? page.say("train_file_found_so", { value: titleOf(found) }) : page.say("train_file_unsaid");
    const option = (value: string, title: string) =>
      html`<option value=${value} .selected=${live(value === chosen)}>${title}</option>`;
    return html`<div class="rv-field"
      ><label for=${`rv-${shown.prefix}-file-${name}`}>${page.say(`train_file_option_${name}`)}</label
      ><select id=${`rv-${shown.prefix}-file-${name}`} @change=${(event: Event) =>
        choose(name, (targetOf(event) as HTMLSelectElement).value)}
        >${option("", unsaid)}${values.map((value) => option(value, titleOf(value)))}</select></div>`;
  };
  return html`<details class="rv-details"><summary>${page.say("train_file_how")}</summary
    ><div class="rv-train-numbers">${Object.entries(menus).map(menu)}</div></details
    >${shown.preview.length ? preview(page, shown) : nothing}`;
};

const preview = (page: Page, { columns, preview: rows }: ShownFile): TemplateResult => {
  const caption = page.say("train_file_preview");
  const cell = (text: string) => html`<td>${visible(text)}</td>`;
  return html`<div class="rv-table rv-train-preview" role="group" tabindex="0" aria-label=${caption}
    ><table><caption>${caption}</caption
      ><thead><tr>${columns.map((name) => html`<th scope="col">${visible(name)}</th>`)}</tr></thead
      ><tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table></div>`;
};
