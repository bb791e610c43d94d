// How far back: the gradient of one score at every word, in an RNN, a GRU and an LSTM of equal size, on a logarithmic
// axis.

import { html, nothing, render, type TemplateResult } from "lit-html";
import type { NetworkReach, Reach } from "../client/contract";
import type { Instead, ReachQuestion, Reply } from "../client/types";
import { columnAt } from "../model/columns";
import type { Value } from "../model/csv";
import { last } from "../model/numbers";
import { wordAlone } from "../model/place";
import { conclusionOf, firstShare, losesBeginning } from "../model/reach";
import { isolated } from "../model/text";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import type { Page } from "../state/page";
import { choices, oneStop, walkable } from "../ui/choices";
import { closest, countUp, onWidth, steady } from "../ui/dom";
import { legendMark } from "../ui/marks";
import type { Savable, Saves } from "../ui/saveData";
import { type TableContent, tableDetails } from "../ui/table";
import { reachPlot } from "./reachPlot";
import type { View } from "./views";

const TWO_DIGITS = { maximumSignificantDigits: 2 };

type Answer = Reply<"how_far_back">;
/** What was asked about: the network and text of the page, or a text instead of it. */
type About = Pick<ReachQuestion, "model" | "text" | "instead">;

class ReachView implements View {
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly ask: (question: ReachQuestion) => void;
  private readonly details = tableDetails(() => this.table());
  private readonly scroll: HTMLElement;
  private readonly told: HTMLElement;
  private found: Answer | null = null;
  private about: About = { model: "", text: "" };
  /** The last question about the page's own text. */
  private asked: ReachQuestion | null = null;
  /** The family that was chosen here. */
  private family: string | null = null;
  /** Whether the reader wants the text of the page, short as it is. */
  private mine = false;
  /** What is said of a question without an answer. */
  private notice: TemplateResult | null = null;
  private plot: ReturnType<typeof reachPlot> | null = null;
  /** The word that is marked. */
  private at: number | null = null;
  /** The word to which the Tab key leads. */
  private stop = 0;
  private room = 0;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-reach");
    box.dataset.seq = "0";
    this.ask = page.asker("how_far_back", {
      again: true,
      use: (found: Answer, question: ReachQuestion) => this.use(found, question),
      fail: () => this.say(html`<p class="rv-alert">${page.offline()}</p>`),
      wait: () => this.say(html`<p>${page.say("waiting")}</p>`),
    });
    this.render();
    this.scroll = this.part(".rv-columns");
    this.told = this.part(".rv-said");
    walkable(this.part(".rv-tabs"));
    steady(this.part(".rv-found"));
    this.listen();
  }
  private part(selector: string): HTMLElement {
    return there(this.box.querySelector<HTMLElement>(selector));
  }

  draw(): void {
    const { page, found } = this;
    page.translate(this.box);
    if (page.shown) this.follow();
    if (found) this.notice = null;
    const reach = this.reach();
    if (reach && this.room) this.plot = reachPlot(page, reach, this.room);
    const onward = this.part(".rv-reach-on");
    if (reach && !this.longer(reach) && onward === document.activeElement) this.told.focus({ preventScroll: true });
    this.render();
    if (found && found.error === undefined && found.families.length) this.drawFamilies(found.families, found.family);
    if (reach) this.details.draw();
  }

  mark(): void {
    if (this.reach() && this.at !== this.wordHere()) this.render();
  }

  // --- questions -----------------------------------------------------------------------------------------------------

  private follow(): void {
    const { text, model } = this.page.reading;
    const question = { text, model, family: this.family };
    if (JSON.stringify(question) === JSON.stringify(this.asked)) return;
    this.asked = question;
    this.ask(question);
  }

  private use(found: Answer, question: ReachQuestion): void {
    const { model, text, instead } = question;
    // Where a newer question waits, asking for another text would take its place.
    const other = found.networks && question === this.asked ? this.otherText(found) : null;
    if (other && found.networks) {
      const { unknown, family, tokens } = found;
      this.ask({ text: other.text, model, family, instead: { ...other, unknown, count: tokens.length } });
      return;
    }
    this.found = found;
    this.about = { model, text, instead };
    this.draw();
    this.page.mark();
    countUp(this.box);
  }

  /** What is read in place of the page's own text.
   *
   * A text in the networks' own words, where they do not know most words of the page's. And at first, before the reader
   * has chosen a text, the long example, in which the plain RNN loses the beginning.
   */
  private otherText({ tokens, unknown, networks }: Reach): Pick<Instead, "why" | "text"> | null {
    const { props, reading } = this.page;
    const among = (name: string) => networks.some(({ model }) => model === name);
    if (unknown > tokens.length / 2) {
      const own = props.models.find(({ name, example }) => example && among(name))?.example;
      return own ? { why: "unknown", text: own } : null;
    }
    const long = props.chips?.find(({ name, model }) => name === "long" && among(model));
    return long && !this.mine && reading.text === props.value.text ? { why: "short", text: long.text } : null;
  }

  /** A text whose beginning is lost, where that of this one is not: in the networks' own words, or the long example. */
  private longer({ tokens, networks }: Reach): { model: string; text: string } | null {
    const { props, reading } = this.page;
    if (this.about.instead || (tokens.length > 1 && losesBeginning(networks[0]))) return null;
    const { model } = networks.find((network) => network.model === reading.model) ?? last(networks);
    const own = props.models.find(({ name }) => name === model)?.example;
    const text = own ?? props.chips?.find(({ name }) => name === "long")?.text;
    return text && text !== reading.text ? { model, text } : null;
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private nameOf({ cell }: NetworkReach): string {
    return this.page.say(`cell_${cell}`);
  }
  private amount(value: number): string {
    const { page } = this;
    if (value === 0 || value < 1e-6 || value >= 1000) return page.small(value);
    return page.written(value, { minimumSignificantDigits: 2, ...TWO_DIGITS });
  }
  private rounded(share: number): string {
    return share < 1e-6 ? this.page.small(share) : this.page.share(share, TWO_DIGITS);
  }

  private story({ tokens, networks }: Reach): string {
    const { page } = this;
    if (tokens.length === 1) return page.say("reach_single");
    const [rnn, gru, lstm] = networks.map((network) => this.rounded(firstShare(network)));
    const told = page.say("reach_told", { word: isolated(tokens[0]), count: tokens.length, rnn, gru, lstm });
    return [told, ...this.conclusion(networks)].join(" ");
  }
  private conclusion(networks: NetworkReach[]): string[] {
    const { page } = this;
    const found = conclusionOf(networks);
    if (!found) return [];
    const network = found.network && this.nameOf(found.network);
    const times = found.times === undefined ? undefined : page.written(found.times, TWO_DIGITS);
    const said = page.say(found.key, { network, times });
    return found.short ? [said, page.say("reach_short")] : [said];
  }

  /** What the reader should know of the picture. */
  private notes(reach: Reach): TemplateResult[] {
    const { page, about } = this;
    const { total, tokens, family, networks } = reach;
    const notes = this.notesOnText(reach);
    if (networks.every(({ model }) => model !== about.model))
      notes.push(page.say("reach_elsewhere", { family: page.familyOf(family), model: page.titleOf(about.model) }));
    if (page.holds.length) notes.push(page.say("read_unheld"));
    if (total > tokens.length) notes.push(page.say("reach_long", { count: tokens.length }));
    const own = html`<button type="button" class="rv-button" @click=${() => this.readMine()}>${page.say(
      "reach_mine",
    )}</button>`;
    const hasOwn = about.instead?.why === "short";
    return notes.map((note, place) => html`<p>${note}${hasOwn && place === 0 ? own : nothing}</p>`);
  }
  private notesOnText({ tokens, unknown }: Reach): string[] {
    const { page } = this;
    const { instead } = this.about;
    if (instead) return [page.say(`reach_instead_${instead.why}`, { unknown: instead.unknown, count: instead.count })];
    return unknown > tokens.length / 2 ? [page.say("most_unknown", { unknown, count: tokens.length })] : [];
  }
  private notices(): TemplateResult | TemplateResult[] | typeof nothing {
    const { page, found, notice } = this;
    if (notice) return notice;
    if (!found) return nothing;
    if (found.error !== undefined) return html`<p>${page.objection(found)}</p>`;
    if (!found.families.length) return html`<p>${page.say("reach_no_family")}</p>`;
    return found.networks ? this.notes(found) : html`<p>${page.say("empty")}</p>`;
  }
  private say(notice: TemplateResult): void {
    this.notice = notice;
    this.render();
  }

  readonly saves: Saves = { reach: { of: () => this.savable(), hasPicture: true } };
  /** A row a word: the length of the gradient there, of each network. */
  private savable(): Savable | null {
    const reach = this.reach();
    if (!reach) return null;
    const { tokens, networks, family, labels, scored } = reach;
    const data: ViewData = {
      what: "reach",
      networks: networks.map(({ model }) => model),
      texts: [this.about.text],
      settings: { family, score: labels[scored] },
      columns: ["position", "word", ...networks.map(({ model }) => `gradient_${model}`)],
      rows: tokens.map((token, t): Value[] => [t + 1, token, ...networks.map(({ norms }) => norms[t])]),
    };
    const { plot } = this;
    return { data, pictures: () => (plot ? [plot.picture(this.answers(reach))] : []) };
  }
  private table(): TableContent | null {
    const { page } = this;
    const reach = this.reach();
    if (!reach) return null;
    const { tokens, networks } = reach;
    return {
      caption: page.say("reach_picture", { count: tokens.length }),
      heads: [page.say("word"), ...networks.map((network) => this.nameOf(network))],
      rows: tokens.map((token, t) => [isolated(token), ...networks.map(({ norms }) => this.amount(norms[t]))]),
    };
  }

  // --- the picture ---------------------------------------------------------------------------------------------------

  /** The gradients, if that is the answer. */
  private reach(): Reach | null {
    return this.found?.networks ? this.found : null;
  }

  private render(): void {
    const { page } = this;
    const reach = this.reach();
    this.at = reach && this.wordHere();
    render(
      html`<div class="rv-tabs" role="radiogroup" data-say-label="reach_family"></div>
        <div class="rv-notices" role="status" aria-live="polite">${this.notices()}</div>
        <div class="rv-reach-whole" ?hidden=${!reach}>
          <p class="rv-said" aria-live="polite" tabindex="-1">${reach ? this.story(reach) : nothing}</p>
          <button
            type="button"
            class="rv-chip rv-reach-on"
            data-say="reach_longer"
            ?hidden=${reach && !this.longer(reach)}
            @click=${() => this.goOn()}
          ></button>
          <ul class="rv-key rv-reach-legend">${reach ? this.legend(reach) : nothing}</ul>
          <div class="rv-columns">${this.plot?.template(this.at, this.stop) ?? nothing}</div>
          <p class="rv-found">${reach && this.at !== null ? this.readAt(reach, this.at) : nothing}</p>
          <p class="rv-note">${
            reach
              ? page.say("reach_score", {
                  label: page.classOf(reach.labels[reach.scored], reach.networks[0].model),
                  units: reach.units,
                })
              : nothing
          }</p>
          ${this.details.node}
        </div>`,
      this.box,
    );
  }
  private legend(reach: Reach): TemplateResult[] {
    return this.answers(reach).map((said, place) => html`<li>${legendMark(place)}${said}</li>`);
  }
  private answers({ networks, labels }: Reach): string[] {
    const { page } = this;
    return networks.map((network) => {
      const { winner, answer, model } = network;
      const values = { label: page.classOf(labels[winner], model), share: page.share(answer[winner]) };
      return page.say("reach_answer", { network: this.nameOf(network), ...values });
    });
  }
  private readAt({ tokens, networks }: Reach, t: number): string {
    const [rnn, gru, lstm] = networks.map(({ norms }) => this.amount(norms[t]));
    return this.page.say("reach_at", { word: isolated(tokens[t]), rnn, gru, lstm });
  }
  private drawFamilies(names: string[], family = ""): void {
    const { page } = this;
    choices(this.part(".rv-tabs"), names.map(page.familyOf), names.indexOf(family), (place) => {
      this.family = names[place];
      this.follow();
    });
  }

  // --- the selected word ---------------------------------------------------------------------------------------------

  /** Words have the same places here as in the page, as long as the page shows this text from its first word on. */
  private linked(): boolean {
    const { shown } = this.page;
    return shown?.start === 0 && shown.text === this.about.text;
  }
  /** The word where the page looks, if it is here. */
  private wordHere(): number | null {
    if (!this.linked()) return null;
    const { token } = this.page.here();
    return token < (this.reach()?.tokens.length ?? 0) ? token : null;
  }
  /** A word of the picture as one of the page. */
  private ofPage(t: number | null): number | null {
    return t !== null && this.linked() && t < this.page.reading.tokens.length ? t : null;
  }
  private tokenAt(event: MouseEvent): number | null {
    if (closest(event, ".rv-reach-axis") || !this.plot) return null; // what lies under it is out of sight
    const word = closest(event, ".rv-reach-word");
    if (word) return Number(word.dataset.token); // a key pressed on it is a click at no place
    const x = event.clientX - this.scroll.getBoundingClientRect().left + this.scroll.scrollLeft;
    return columnAt(this.plot.edges, x);
  }

  private point(t: number | null): void {
    const token = this.ofPage(t);
    this.page.hover(token === null ? null : wordAlone(token));
  }
  private pin(t: number | null): void {
    const { page } = this;
    const token = this.ofPage(t);
    if (token === null) return;
    page.leave();
    page.pin({ ...page.pinned, token });
  }
  private readMine(): void {
    this.mine = true;
    this.asked = null;
    this.follow();
    this.told.focus({ preventScroll: true });
  }
  private goOn(): void {
    const reach = this.reach();
    const place = reach && this.longer(reach);
    if (place) this.page.visit(place);
  }
  private listen(): void {
    const { page, scroll } = this;
    oneStop(scroll, ".rv-reach-word");
    scroll.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.point(this.tokenAt(event)));
    scroll.addEventListener("pointerleave", () => page.hover(null));
    scroll.addEventListener("focusin", (event) => {
      const word = closest(event, ".rv-reach-word");
      if (!word) return;
      this.stop = Number(word.dataset.token);
      if (word.matches(":focus-visible")) this.point(this.stop);
    });
    scroll.addEventListener("focusout", () => page.hover(null));
    scroll.addEventListener("click", (event) => this.pin(this.tokenAt(event)));
    onWidth(scroll, () => {
      this.room = scroll.clientWidth; // asked here alone: whoever asks makes the browser lay the whole page out
      this.draw();
      page.mark();
    });
  }
}

export const reach = (box: HTMLElement, page: Page): View => new ReachView(box, page);
