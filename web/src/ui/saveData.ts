// Buttons that save what a view shows: its numbers as CSV and JSON, its drawings as SVG, each with what it comes from.

import { html, nothing, type TemplateResult } from "lit-html";
import { type Described, type Provenance, provenanceOf, type ViewData, viewCsv, viewJson } from "../model/viewData";
import type { Page } from "../state/page";
import { fileName, give } from "./give";
import { svgFile } from "./pictureFile";

/** What a view offers to be saved. */
export interface Savable {
  data: ViewData;
  /** Its drawings, if it has any that are whole by themselves. */
  pictures?(): SVGSVGElement[];
}
/** A file that whoever answers the page's questions makes; null where it was said why there is none. */
export interface SavableFile {
  about: Described;
  file(kind: "csv" | "json", about: Provenance): Promise<Blob | null>;
}
type Kind = "csv" | "json" | "svg";

/** What the numbers of a file come from, with the hashes of the networks' weights. */
export const provenance = async (page: Page, data: Described): Promise<Provenance> => {
  const networks = data.networks.map(async (name) => ({
    name,
    weights_sha256: (await page.about(name)).weights_sha256 ?? null,
  }));
  return provenanceOf(data, await Promise.all(networks), page.props.version ?? "");
};

const save = async (page: Page, savable: Savable | SavableFile, kind: Kind): Promise<void> => {
  if ("data" in savable) return saveData(page, savable, kind);
  const { about } = savable;
  const made = kind === "svg" ? null : await savable.file(kind, await provenance(page, about));
  if (made) give(made, fileName(about.networks.join("-"), about.what, kind));
};
const saveData = async (page: Page, { data, pictures }: Savable, kind: Kind): Promise<void> => {
  const about = await provenance(page, data);
  const network = [...new Set(data.networks)].join("-");
  const put = (content: string, type: string, number = "") =>
    give(new Blob([content], { type }), fileName(network, data.what + number, kind));
  if (kind === "csv") put(`\ufeff${viewCsv(data, about)}`, "text/csv");
  else if (kind === "json") put(viewJson(data, about), "application/json");
  else {
    const drawn = pictures?.() ?? [];
    const many = drawn.length > 1;
    for (const [n, one] of drawn.entries()) put(svgFile(one, about), "image/svg+xml", many ? `-${n + 1}` : "");
  }
};

/** What can be saved of a view, by name. */
export type Saves = Record<string, { of: () => Savable | SavableFile | null; hasPicture?: boolean }>;

/** The buttons; what is saved is asked for when one is pressed. */
export const saveButtons = (
  page: Page,
  what: string,
  savable: Saves[string]["of"],
  hasPicture = false,
): TemplateResult => {
  const button = (kind: Kind) =>
    html`<button type="button" class="rv-button" data-save=${`${what}.${kind}`} aria-label=${page.say("save_as", {
      what: page.say(`saved_${what}`),
      kind: kind.toUpperCase(),
    })} @click=${() => {
      const found = savable();
      if (!found) page.alert(page.say("save_nothing"));
      else save(page, found, kind).catch(() => page.alert(page.say("save_failed")));
    }}>${kind.toUpperCase()}</button>`;
  return html`<span class="rv-save-data"><span>${page.say("save_view", { what: page.say(`saved_${what}`) })}</span
    >${button("csv")}${button("json")}${hasPicture ? button("svg") : nothing}</span>`;
};
