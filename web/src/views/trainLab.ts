// The truncation laboratory of the view Train: where the gradient reaches, and what is learned with it cut.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { TrainQuestion } from "../client/types";
import { last } from "../model/numbers";
import type { Run } from "../model/run";
import { firstReached, type LabCell, type LabChoice, labRows, type Measured, RECALL } from "../model/truncation";
import type { Page } from "../state/page";
import { trainReachPlot } from "./trainReachPlot";

/** What stands in it: the training under way or the last one, those that went to their end, what the form has now. */
export interface LabContent {
  run: Run | null;
  isOpen: boolean;
  measured: readonly Measured[];
  chosen: TrainQuestion;
  classes: number;
}

class TrainLab {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly start: (choice: LabChoice) => void;

  constructor(box: HTMLElement, page: Page, start: (choice: LabChoice) => void) {
    this.box = box;
    this.page = page;
    this.start = start;
  }

  /** Nothing stands here while another task is chosen. */
  draw(content: LabContent): void {
    this.box.hidden = content.chosen.task !== RECALL;
    if (!this.box.hidden) render(this.template(content), this.box);
  }

  private template({ run, isOpen, measured, chosen, classes }: LabContent): TemplateResult {
    const { page } = this;
    const rows = labRows(measured, chosen);
    const now = isOpen ? run?.question : null;
    const heads = rows[0].map(
      ({ detach }) => html`<th scope="col">${detach ? page.count(detach) : page.say("train_lab_never")}</th>`,
    );
    return html`<h3 class="rv-heading">${page.say("train_lab")}</h3
      ><p>${page.say("train_lab_how")}</p
      ><pre class="rv-lab-code" lang="en"><code>${codeOf(chosen)}</code></pre
      >${run?.question.task === RECALL ? this.reach(run) : nothing}<div class="rv-table rv-lab-table"
        ><table><caption>${page.say("train_lab_table", { guess: page.share(1 / classes) })}</caption
        ><thead><tr><th scope="col" rowspan="2">${page.say("train_lab_words")}</th
          ><th scope="colgroup" colspan=${heads.length}>${page.say("train_lab_cuts")}</th></tr
        ><tr>${heads}</tr></thead
        ><tbody>${rows.map(
          (cells) =>
            html`<tr><th scope="row">${page.count(cells[0].length)}</th>${cells.map((cell) =>
              this.cell(cell, isOpen, now?.length === cell.length && (now.detach ?? 0) === cell.detach),
            )}</tr>`,
        )}</tbody></table></div>`;
  }

  private cell(cell: LabCell, isOpen: boolean, isNow: boolean): TemplateResult {
    const { length, rights, reaches } = cell;
    const { page } = this;
    const does = page.say("train_lab_go", { length, cut: this.cutName(cell.detach) });
    const written = this.written(rights);
    const share = rights.length ? rights.reduce((sum, right) => sum + right) / rights.length : 0;
    return html`<td class=${reaches ? "rv-lab-reaches" : ""}><button type="button" class="rv-lab-cell"
        .style=${`--rv-share: ${Math.round(share * 100)}%`} data-runs=${rights.length} data-now=${isNow}
        ?disabled=${isOpen} title=${does} aria-label=${written ? `${does}: ${written}` : does}
        @click=${() => this.start(cell)}>${isNow ? "…" : written || "▸"}${
          rights.length > 1 && !isNow ? html`<small>×${page.count(rights.length)}</small>` : nothing
        }</button></td>`;
  }
  /** The share of right answers; of several trainings, the lowest and the highest. */
  private written(rights: number[]): string {
    if (!rights.length) return "";
    const [low, high] = [rights[0], last(rights)].map((right) => this.page.share(right));
    return low === high ? low : `${this.page.count(100 * rights[0])}–${high}`;
  }
  private cutName(detach: number): string {
    return this.page.say(detach ? "train_cut_every" : "train_cut_never", { count: detach });
  }

  private reach({ question, answer: { reach } }: Run): TemplateResult | typeof nothing {
    const { page } = this;
    if (!reach?.length) return nothing;
    const first = firstReached(reach.length, question.detach ?? 0);
    const [begin, end] = [reach[0], last(reach)].map((length) => page.small(length));
    const said = first
      ? page.say("train_reach_cut", { count: reach.length - first, first: first + 1, length: reach.length })
      : page.say("train_reach_whole", { begin, end });
    return html`<figure class="rv-lab-reach" data-zeros=${reach.filter((length) => length === 0).length}
      ><figcaption>${page.say("train_reach")}</figcaption>${trainReachPlot(page, reach, question.detach ?? 0, this.box.clientWidth)}<p
      class="rv-found">${said}</p></figure>`;
  }
}

/** The loop over the words of a text in PyTorch, with the cuts that are chosen, or such in general. */
const codeOf = ({ cell, detach }: TrainQuestion): string => {
  const [state, cut, next] =
    cell === "lstm" ? ["h, c", "h.detach(), c.detach()", "cell(x, (h, c))"] : ["h", "h.detach()", "cell(x, h)"];
  const lines = ["for t, x in enumerate(words):", `    if t % ${detach || "k"} == 0:`];
  return [...lines, `        ${state} = ${cut}`, `    ${state} = ${next}`].join("\n");
};

export const trainLab = (box: HTMLElement, page: Page, start: (choice: LabChoice) => void): TrainLab =>
  new TrainLab(box, page, start);
