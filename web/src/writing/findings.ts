// What rnnviz.probe found of single units, in sentences: in the view Write and on the network's card.

import { html, nothing, type TemplateResult } from "lit-html";
import type { Finding } from "../client/contract";
import type { Known } from "../client/types";
import { ENOUGH, reasonsOf } from "../model/findings";
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
  return html`<p class="rv-note">${page.say("card_findings_how")}</p><ul class="rv-findings">${ordered.map(one)}</ul>`;
};

const told = (page: Page, finding: Finding): string => {
  const { property, measure, unit, found, loss, loss_without } = finding;
  const key = `property_${property.replaceAll(" ", "_")}`;
  const named = page.has(key) ? page.say(key) : visible(property);
  const [value, shuffled, untrained] = [finding.value, finding.shuffled, finding.untrained].map((one) =>
    page.signed(one),
  );
  const least = page.signed(ENOUGH[measure] ?? 0, 1);
  const values = { property: named, unit, measure, value, shuffled, untrained, least };
  if (!found) return ["finding_not", ...reasonsOf(finding)].map((said) => page.say(said, values)).join(" ");
  const sentence = page.say("finding_found", values);
  if (loss === undefined || loss_without === undefined) return sentence;
  const bits = { loss: page.signed(loss, 3), without: page.signed(loss_without, 3) };
  return `${sentence} ${page.say("finding_bits", bits)}`;
};
