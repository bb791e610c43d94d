// Your texts: how often the chosen network is right on a labelled file of the visitor's own, and on which texts it is not.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { OwnText, Statistics } from "../client/contract";
import type { Reply } from "../client/types";
import { isolated, visible } from "../model/text";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { countUp } from "../ui/dom";
import { confusion } from "./confusion";
import { ownFile } from "./ownFile";
import type { View } from "./views";

const LONGEST = 160; // characters of a text in the list

class OwnTextsView implements View {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly file: ReturnType<typeof ownFile>;
  /** What was found, and with which network and file. */
  private result: (Statistics & { model: string; ticket?: string }) | null = null;
  private notice: string | null = null;
  private isAsking = false;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    this.file = ownFile(page, () => this.render(), "own");
    box.classList.add("rv-own");
    box.dataset.seq = "0";
    this.render();
  }

  draw(): void {
    this.page.translate(this.box);
    this.render();
  }

  private async measure(): Promise<void> {
    const { page, file } = this;
    const { model } = page.reading;
    const ticket = file.found?.ticket;
    if (!ticket || this.isAsking) return;
    this.isAsking = true;
    this.become(null, page.say("own_reading"));
    try {
      this.use(await there(page.server).evaluate_file({ model, data: ticket }), model, ticket);
    } catch {
      this.become(null, page.offline());
    } finally {
      this.isAsking = false;
      this.render();
      countUp(this.box);
    }
  }
  private use(found: Reply<"evaluate_file">, model: string, ticket: string): void {
    if (found.error !== undefined) this.become(null, this.page.objection(found));
    else this.become({ ...found, model, ticket }, null);
  }
  private become(result: OwnTextsView["result"], notice: string | null): void {
    this.result = result;
    this.notice = notice;
    this.render();
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private isOffered(): boolean {
    const { host, props } = this.page;
    return Boolean(host.python && props.training?.own_files);
  }
  private render(): void {
    const { page, file, result, notice } = this;
    const isCurrent = result !== null && result.ticket === file.found?.ticket;
    const body = this.isOffered()
      ? html`<p>${page.say("own_told")}</p>${file.template(true)}<p><button type="button"
          class="rv-button rv-primary rv-own-measure" ?disabled=${!file.found?.ticket || this.isAsking}
          @click=${() => this.measure()}>${page.say("own_measure", { model: page.shown ? page.titleOf(page.shown.model) : "" })}</button></p>
        <div role="status" aria-live="polite">${notice === null ? nothing : html`<p>${notice}</p>`}</div>
        ${isCurrent ? this.found(result) : nothing}`
      : html`<p class="rv-own-refused">${page.say(page.host.python ? "error_upload_off" : "error_needs_python")}</p>`;
    render(body, this.box);
  }
  private notes({ by, unmatched, left_out: leftOut, total, read }: Statistics): string[] {
    const { page } = this;
    const said = [page.say(`own_by_${by}`)];
    if (leftOut) said.push(page.say("own_unmatched", { count: leftOut, names: page.list(unmatched.map(isolated)) }));
    if (read + leftOut < total) said.push(page.say("own_part", { read: page.count(read), total: page.count(total) }));
    return said;
  }
  private found(result: NonNullable<OwnTextsView["result"]>): TemplateResult {
    const { page } = this;
    const share = (value: number) => page.share(value, { maximumFractionDigits: 1 });
    const { accuracy, low, high, read, right, model, texts } = result;
    const values = { model: page.titleOf(model), share: share(accuracy), right: page.count(right) };
    const told = page.say("own_accuracy", { ...values, count: read, low: share(low), high: share(high) });
    const wrong = texts.filter(({ label, answer }) => label !== answer).length;
    return html`<p class="rv-said">${told}</p>${this.notes(result).map((note) => html`<p class="rv-note">${note}</p>`)}
      ${confusion(page, model, result.labels, result.confusion)}<h3>${page.say("own_list")}</h3>
      <p class="rv-note">${page.say("own_list_order", { wrong: page.count(wrong), count: texts.length })}</p>
      <ol class="rv-own-list">${texts.map((one) => this.entry(one, result))}</ol>`;
  }
  private entry({ text, label, answer, share }: OwnText, { labels, model }: { labels: string[]; model: string }) {
    const { page } = this;
    const values = {
      label: page.classOf(labels[label], model),
      answer: page.classOf(labels[answer], model),
      share: page.share(share),
    };
    const said = page.say(label === answer ? "own_right" : "own_wrong", values);
    const shown = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    return html`<li data-wrong=${label !== answer}><button type="button" @click=${() => page.visit({ model, text })}
      ><bdi>${visible(shown)}</bdi> <span>${said}</span></button></li>`;
  }
}

export const ownTexts = (box: HTMLElement, page: Page): View => new OwnTextsView(box, page);
