// What rnnviz.probe found of single units, in sentences: in the view Write and on the network's card.

import { html, nothing, type TemplateResult } from "lit-html";
import type { Finding } from "../client/contract";
import type { Known } from "../client/types";
import { visible } from "../model/text";
import type { Page } from "../state/page";

/** Each finding with its numbers, what was found first; `colour` lets a text be coloured by the unit. */
export const findings = (
  page: Page,
  { card }: Known,
  colour?: (finding: Finding) => void,
): TemplateResult | typeof nothing => {
  const all = card?.findings ?? [];
  if (!all.length) return nothing;
  const ordered = [...all.filter(({ found }) => found), ...all.filter(({ found }) => !found)];
  const one = (finding: Finding) =>
    html`<li><p>${told(page, finding)}</p>${
      colour && finding.found
        ? html`<button type="button" class="rv-button" @click=${() => colour(finding)}>${page.say("finding_colour", { unit: finding.unit })}</button>`
        : nothing
    }</li>`;
  return html`<ul class="rv-findings">${ordered.map(one)}</ul><p class="rv-note">${page.say("card_findings_how")}</p>`;
};

const told = (page: Page, { property, measure, unit, found, loss, loss_without, ...one }: Finding): string => {
  const key = `property_${property.replaceAll(" ", "_")}`;
  const [value, shuffled, untrained] = [one.value, one.shuffled, one.untrained].map((share) => page.signed(share));
  const named = page.has(key) ? page.say(key) : visible(property);
  const values = { property: named, unit, measure, value, shuffled, untrained };
  const sentence = page.say(found ? "finding_found" : "finding_not", values);
  if (!found || loss === undefined || loss_without === undefined) return sentence;
  const bits = { loss: page.signed(loss), without: page.signed(loss_without) };
  return `${sentence} ${page.say("finding_bits", bits)}`;
};
