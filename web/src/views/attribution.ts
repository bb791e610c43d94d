// What each word gives: the score of a class shared out among the words by three measures, one under the other.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { Attributions, Measure } from "../client/contract";
import type { Question, Reply } from "../client/types";
import { isAstray, scalesOf, sumOf } from "../model/attribution";
import { bytesOf } from "../model/base64";
import { colourOf, css, inkOn } from "../model/colours";
import { described } from "../model/described";
import { visible } from "../model/text";
import { there } from "../model/there";
import type { Page } from "../state/page";
import { choices, walkable } from "../ui/choices";
import { countUp } from "../ui/dom";
import type { SavableFile, Saves } from "../ui/saveData";
import type { View } from "./views";

type Asked = Question<"attribute">;

const LEDGER = "ledger";

class AttributionView implements View {
  readonly saves: Saves = { attribution: { of: () => this.savable() } };
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly ask: (question: Asked) => void;
  private found: Reply<"attribute"> | null = null;
  /** The question that was answered last, and the last that was asked. */
  private about: Asked | null = null;
  private asked = "";
  /** The class that was chosen here, and the network that has it. */
  private chosen: { model: string; label: number } | null = null;
  private notice: string | null = null;
  /** The word that is marked. */
  private marked: number | null = null;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-attribution");
    box.dataset.seq = "0";
    this.ask = page.asker("attribute", {
      again: true,
      use: (found: Reply<"attribute">, question: Asked) => this.use(found, question),
      fail: () => this.say(page.offline()),
      wait: () => this.say(page.say("waiting")),
    });
    this.render();
    walkable(this.classes());
  }

  draw(): void {
    const { page } = this;
    if (page.shown) this.follow();
    page.translate(this.box);
    this.render();
  }
  mark(): void {
    if (this.result() && this.wordHere() !== this.marked) this.render();
  }

  private follow(): void {
    const { text, model, answer } = this.page.reading;
    const own = this.chosen?.model === model ? this.chosen.label : answer;
    const question = { text, model, label: own };
    if (JSON.stringify(question) === this.asked) return;
    this.asked = JSON.stringify(question);
    // What another network gave must not stand under this one's name.
    if (this.about?.model !== model) Object.assign(this, { found: null, notice: this.page.say("waiting") });
    this.ask(question);
  }
  private use(found: Reply<"attribute">, question: Asked): void {
    Object.assign(this, { found, about: question, notice: null });
    this.box.dataset.model = question.model;
    this.draw();
    countUp(this.box);
  }
  private say(notice: string): void {
    this.notice = notice;
    this.render();
  }
  private classes(): HTMLElement {
    return there(this.box.querySelector<HTMLElement>(".rv-tabs"));
  }
  private result(): Attributions | null {
    return this.found?.measures ? this.found : null;
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private notices(): string[] {
    const { page, found, notice } = this;
    if (notice !== null) return [notice];
    if (!found) return [];
    if (found.error !== undefined) return [page.objection(found)];
    if (!found.measures) return [page.say("empty")];
    const said = page.holds.length ? [page.say("read_unheld")] : [];
    if (found.total > found.tokens.length) said.push(page.say("reach_long", { count: found.tokens.length }));
    return said;
  }
  private sumSaid(measure: Measure, score: string): string {
    const { page } = this;
    const { method, baseline } = measure;
    // What is far smaller than any digit that is shown of the others is told by its size.
    const residual =
      Math.abs(measure.residual) < 0.005 ? page.small(Math.abs(measure.residual)) : page.signed(measure.residual);
    const values = { sum: page.signed(sumOf(measure)), baseline: page.signed(baseline), residual, score };
    return page.say(method === "gradient_times_input" ? "attribution_no_sum" : "attribution_sum", values);
  }

  // --- the picture ---------------------------------------------------------------------------------------------------

  private render(): void {
    const result = this.result();
    this.marked = this.wordHere();
    render(
      html`<div class="rv-tabs" role="radiogroup" data-say-label="attribution_of"></div>
        <div class="rv-notices" role="status" aria-live="polite">${this.notices().map((said) => html`<p>${said}</p>`)}</div>
        ${result ? this.picture(result) : nothing}`,
      this.box,
    );
    if (result) this.offerClasses(result);
    else this.classes().hidden = true;
  }
  private offerClasses({ model, labels, scored }: Attributions): void {
    const { page } = this;
    if (page.reading.model !== model) return; // the answer about the new network is on its way
    const { shown } = page.reading.classes;
    const offered = shown.includes(scored) ? shown : [scored, ...shown];
    const names = offered.map((place) => page.classOf(labels[place], model));
    choices(this.classes(), names, offered.indexOf(scored), (place) => {
      this.chosen = { model, label: offered[place] };
      this.follow();
    });
  }
  private picture(result: Attributions): TemplateResult {
    const { page } = this;
    const { labels, scored, measures } = result;
    const score = page.signed(result.score);
    const scales = scalesOf(result);
    const areOwn = scales.some((scale) => scale !== scales[0]);
    return html`<p class="rv-said" aria-live="polite">${page.say("attribution_told", {
      label: page.classOf(labels[scored], result.model),
      score,
    })} ${page.say(areOwn ? "attribution_own_scales" : "attribution_one_scale")}</p>
      ${measures.map((measure, place) => this.measure(measure, result, scales[place], areOwn))}
      ${measures.some(({ method }) => method === LEDGER) ? nothing : this.withoutLedger()}`;
  }
  private titleOf(method: Measure["method"]): string {
    return this.page.say(method === LEDGER ? "ledger" : `attribution_${method}`);
  }
  private measure(measure: Measure, result: Attributions, scale: number, isOwn: boolean): TemplateResult {
    const { page } = this;
    const { tokens, steps } = result;
    const { method, parts, baseline } = measure;
    const said = page.say(`attribution_${method}_is`, { steps, baseline: page.signed(baseline) });
    const reach = isOwn ? ` ${page.say("attribution_scale", { limit: page.signed(scale) })}` : "";
    const warning = page.say("attribution_astray", { steps, residual: page.signed(measure.residual) });
    return html`<section class="rv-measure" data-method=${method} aria-label=${this.titleOf(method)}
      ><h3>${this.titleOf(method)}</h3><p class="rv-note">${said}${reach}</p
      >${isAstray(measure, result.score) ? html`<p class="rv-alert">${warning}</p>` : nothing}<ol>${tokens.map((token, t) => this.word(token, parts[t], t, scale, t === this.marked))}</ol
      ><p class="rv-measure-sum">${this.sumSaid(measure, page.signed(result.score))}</p></section>`;
  }
  private withoutLedger(): TemplateResult {
    const { page } = this;
    return html`<section class="rv-measure" data-method=${LEDGER}><h3>${page.say("ledger")}</h3
      ><p class="rv-note">${page.say("ledger_rnn")}</p></section>`;
  }
  private word(token: string, part: number, t: number, scale: number, isHere: boolean): TemplateResult {
    const colour = colourOf(part, -scale, scale);
    return html`<li><button type="button" class=${isHere ? "rv-given rv-at" : "rv-given"} data-token=${t}
      .style=${`background: ${css(colour)}; color: ${inkOn(colour)}`} @click=${() => this.pin(t)}
      ><bdi>${visible(token)}</bdi> <span>${this.page.signed(part)}</span></button></li>`;
  }

  // --- the selected word ---------------------------------------------------------------------------------------------

  /** Words have the same places here as in the page, as long as the page shows this text from its first word on. */
  private isLinked(): boolean {
    const { shown } = this.page;
    return shown?.start === 0 && shown.text === this.about?.text && shown.model === this.about?.model;
  }
  private wordHere(): number | null {
    return this.isLinked() ? this.page.here().token : null;
  }
  private pin(t: number): void {
    const { page } = this;
    if (this.isLinked()) page.pin({ ...page.pinned, token: t });
  }

  /** The reading with what each word gives, as a file. */
  private savable(): SavableFile | null {
    const { page, about } = this;
    const result = this.result();
    if (!result || !about) return null;
    const { model, scored } = result;
    const question = { model, text: about.text, holds: page.holds, attribution: scored };
    const file: SavableFile["file"] = async (kind, origin) => {
      const found = await there(page.server).save_reading({ ...question, kind });
      if (found.error !== undefined) this.say(page.objection(found));
      if (found.data === undefined) return null;
      return new Blob([described[kind](bytesOf(found.data), origin) as BlobPart], { type: found.type });
    };
    const settings = { scored: result.labels[scored] };
    return {
      about: { what: "attribution", networks: [model], texts: [about.text], holds: page.holds, settings },
      file,
    };
  }
}

export const attribution = (box: HTMLElement, page: Page): View => new AttributionView(box, page);
