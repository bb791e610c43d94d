// Find: where else in many texts the network does what it does in a stretch of this one. The units that are beyond a
// threshold in all words of the stretch are searched for; Python searches, in an index that it was given.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Corpus, Find, FoundHits, Hit } from "../client/contract";
import type { Reply } from "../client/types";
import { colourOf, css, inkOn } from "../model/colours";
import {
  type Beyond,
  FEW_HITS,
  type FindSettings,
  HIT_COLUMNS,
  hitRows,
  leaningOf,
  MOST_HITS,
  nearest,
  placeOf,
  questionOf,
  type Stretch,
  totalsOf,
  unitsBeyond,
} from "../model/finding";
import { there } from "../model/there";
import type { ViewData } from "../model/viewData";
import { stretchSentences } from "../panels/stretchSentences";
import type { Page } from "../state/page";
import { oneStop } from "../ui/choices";
import { countUp } from "../ui/dom";
import type { Savable, Saves } from "../ui/saveData";
import { scrolling } from "../ui/scrolling";
import { findHits } from "./findHits";
import { findLabels } from "./findLabels";
import { findWords } from "./findWords";
import { indexHowTo } from "./indexHowTo";
import type { View } from "./views";

type Answer = Reply<"find">;
/** What was found, and what was asked for. */
interface Result {
  found: FoundHits;
  of: Find;
}

class FindView implements View {
  readonly saves: Saves = { find: { of: () => this.savable() } };
  private readonly box: HTMLElement;
  private readonly page: Page;
  private readonly ask: (question: Find) => void;
  private readonly words: ReturnType<typeof findWords>;
  private readonly sentences: ReturnType<typeof stretchSentences>;
  private readonly howTo: ReturnType<typeof indexHowTo>;
  /** Of each network that was asked about, what there is to search; null for nothing. */
  private readonly corpora = new Map<string, Corpus | null>();
  /** The range and the pinned word of the last drawing. */
  private chosen = "";
  private asked = "";
  private isAsking = false;
  private result: Result | null = null;
  /** What is said in the place of an answer. */
  private notice: string | null = null;
  private most = FEW_HITS;

  constructor(box: HTMLElement, page: Page) {
    this.box = box;
    this.page = page;
    box.classList.add("rv-find");
    box.dataset.seq = "0";
    this.words = findWords(page, () => this.draw());
    this.sentences = stretchSentences(page);
    this.howTo = indexHowTo(page, () => this.render());
    oneStop(box, ".rv-find-words button");
    this.ask = page.asker("find", {
      again: true,
      use: (answer: Answer, question: Find) => this.use(answer, question),
      fail: () => this.say(page.offline()),
      wait: () => {
        this.notice = page.say("waiting");
        this.render();
      },
    });
  }

  draw(): void {
    if (!this.page.shown) return;
    this.follow();
    this.render();
  }
  mark(): void {
    const { page } = this;
    const chosen = JSON.stringify([page.range, page.pinned.token]);
    if (chosen === this.chosen) return;
    this.chosen = chosen;
    this.draw();
  }

  // --- what is searched for ------------------------------------------------------------------------------------------

  private settings(): FindSettings {
    const { page } = this;
    const settings = page.findingOf(page.reading.model);
    const corpus = this.corpus();
    return corpus ? { ...settings, threshold: nearest(corpus.thresholds, settings.threshold) } : settings;
  }
  private corpus(): Corpus | null {
    return this.corpora.get(this.page.reading.model) ?? null;
  }
  private stretch(): Stretch {
    return this.sentences.stretch();
  }
  private beyond(): Beyond[] {
    const { reading } = this.page;
    if (!this.corpus()) return [];
    return unitsBeyond(reading, this.stretch(), this.settings());
  }
  private question(): Find {
    const { model } = this.page.reading;
    if (!this.corpus()) return { model };
    return questionOf(model, this.beyond(), this.stretch(), this.settings(), this.most);
  }

  /** Ask what there is to search, and then for what is chosen, unless that was the last question. */
  private follow(): void {
    const { model } = this.page.reading;
    const question = this.question();
    const asked = JSON.stringify(question);
    if (asked === this.asked) return;
    this.asked = asked;
    this.notice = null;
    const hasNothing = this.isOwn(model) || (this.corpora.has(model) && !question.units?.length);
    if (hasNothing || this.result?.of.model !== model) this.result = null;
    this.isAsking = !hasNothing;
    if (!hasNothing) this.ask(question);
  }
  private use(answer: Answer, question: Find): void {
    if (JSON.stringify(question) !== this.asked) return; // something else is asked by now
    this.isAsking = false;
    if (answer.error !== undefined) this.say(this.page.objection(answer));
    else {
      this.notice = null;
      this.corpora.set(question.model, answer.corpus);
      this.result = answer.hits === undefined ? null : { found: answer, of: question };
      this.draw();
    }
    if (!this.isAsking) countUp(this.box);
  }
  private say(notice: string): void {
    this.notice = notice;
    this.result = null;
    this.render();
  }
  /** Whether a network is the visitor's own, which only this browser knows. */
  private isOwn(model: string): boolean {
    return Boolean(this.page.host.engine?.isOwn(model));
  }

  private set(part: Partial<FindSettings>): void {
    const { page } = this;
    const { model } = page.reading;
    page.setFinding(model, { ...this.settings(), ...part });
    this.most = FEW_HITS;
    this.draw();
    page.mark(); // the lesson tells how many units are on
  }
  private toggle(unit: number): void {
    const { without } = this.settings();
    this.set({ without: without.includes(unit) ? without.filter((one) => one !== unit) : [...without, unit] });
  }
  /** Read the text of a hit, with its stretch chosen. */
  private readonly openHit = ({ whole, start, stop }: Hit): void => {
    const { page } = this;
    const { model, size } = page.reading;
    const window = Math.floor(start / size) * size;
    const range = [start - window, Math.min(stop - 1 - window, size - 1)];
    page.visit({ model, text: there(whole), start: window, token: range[0], unit: null, range, tab: "find" });
    page.part(".rv-controls").scrollIntoView({ block: "start", behavior: scrolling() });
  };

  // --- what is said --------------------------------------------------------------------------------------------------

  private render(): void {
    const { page } = this;
    const { model } = page.reading;
    const hasCorpus = this.corpus() !== null;
    const isMissing = this.isOwn(model) || (this.corpora.has(model) && !hasCorpus);
    render(
      html`<p class="rv-note">${page.say(this.words.isBegun() ? "find_end" : "find_begin")}</p>
        ${this.words.template(this.stretch())}
        ${hasCorpus ? this.conditions() : nothing}${hasCorpus ? this.units() : nothing}
        <div class="rv-notices" role="status" aria-live="polite">${this.notices().map((one) => html`<p>${one}</p>`)}</div>
        ${isMissing ? this.howTo.template() : nothing}
        <p class="rv-said" role="status" aria-live="polite">${this.result ? this.story(this.result) : nothing}</p>
        ${this.result ? this.found(this.result) : nothing}`,
      this.box,
    );
  }
  private notices(): string[] {
    const { page, notice } = this;
    if (notice !== null) return [notice];
    const said: string[] = [];
    if (!this.corpus()) return said;
    if (!this.beyond().length) said.push(page.say("find_no_unit", { words: this.sentences.quoted() }));
    else if (!this.question().units?.length) said.push(page.say("find_none_chosen"));
    if (page.holds.length) said.push(page.say("find_held"));
    return said;
  }

  private conditions(): TemplateResult {
    const { page } = this;
    const settings = this.settings();
    const value = (threshold: number) => page.written(threshold, { maximumFractionDigits: 2 });
    const option = (threshold: number) =>
      html`<option value=${threshold} .selected=${live(threshold === settings.threshold)}>± ${value(threshold)}</option>`;
    const check = (name: "before" | "after" | "every") =>
      html`<label class="rv-check"><input type="checkbox" name=${`rv-find-${name}`} .checked=${live(settings[name])}
        @change=${() => this.set({ [name]: !settings[name] })}><span>${page.say(`find_${name}`)}</span></label>`;
    return html`<div class="rv-find-conditions"><label class="rv-find-threshold"><span>${page.say("find_threshold")}</span
      ><select @change=${(event: Event) => this.set({ threshold: Number((event.target as HTMLSelectElement).value) })}
        >${there(this.corpus()).thresholds.map(option)}</select></label>${check("before")}${check("after")}${check("every")}</div>`;
  }

  private units(): TemplateResult | typeof nothing {
    const { page } = this;
    const beyond = this.beyond();
    if (!beyond.length) return nothing;
    const { low, high } = page.reading.signal("hidden");
    const settings = this.settings();
    const { without } = settings;
    const unit = ({ unit, sign, least }: Beyond) => {
      const colour = colourOf(sign * least, low, high);
      return html`<label class="rv-check"><input type="checkbox" value=${unit} .checked=${live(!without.includes(unit))}
        @change=${() => this.toggle(unit)}><span>${page.unitOf(placeOf(page.reading, unit))} <b
        .style=${`background: ${css(colour)}; color: ${inkOn(colour)}`}>${page.signed(sign * least)}</b></span></label>`;
    };
    const all = html`<button type="button" class="rv-button" @click=${() => this.set({ without: [] })}>${page.say("find_all_units")}</button>`;
    const told = this.sentences.ofUnits(settings);
    return html`<fieldset class="rv-find-units"><legend>${told} ${page.say("find_least")}</legend><div>${beyond.map(unit)}${
      beyond.some(({ unit }) => without.includes(unit)) ? all : nothing
    }</div></fieldset>`;
  }

  private story({ found, of }: Result): string {
    const { page } = this;
    const { corpus, total, texts, least, labels } = found;
    const asked = of.units?.length ?? 0;
    const said = [page.say("find_found", { count: total, texts: page.count(texts), all: page.count(corpus.texts) })];
    if (total) said.push(page.say(least === asked ? "find_match_all" : "find_match", { count: asked, least }));
    const leaning = leaningOf(labels);
    if (leaning) {
      const [own, all] = totalsOf(labels);
      const shares = page.sharesOf(labels.map((one) => one.all / all)); // as the bars have them
      const values = { found: page.count(leaning.texts), count: own, label: page.classOf(leaning.label, of.model) };
      said.push(page.say("find_leaning", { ...values, share: shares[labels.indexOf(leaning)] }));
    }
    return said.join(" ");
  }
  private found({ found, of }: Result): TemplateResult {
    const { page } = this;
    const asked = of.units?.length ?? 0;
    const more = () => {
      this.most = MOST_HITS;
      this.draw();
    };
    const hasMore = found.hits.length < Math.min(of.every ? found.total : found.texts, MOST_HITS);
    return html`${findLabels(page, of.model, found.labels)}${findHits(page, of.model, found, asked, this.openHit)}
      ${hasMore ? html`<button type="button" class="rv-button rv-find-more" @click=${more}>${page.say("find_more")}</button>` : nothing}
      <p class="rv-note">${page.say("find_fine", { seconds: page.written(1000 * found.seconds, { maximumSignificantDigits: 2 }) })}</p>`;
  }

  private savable(): Savable | null {
    const { page, result } = this;
    if (!result) return null;
    const { found, of } = result;
    const { text, model, tokens } = page.reading;
    const [first, last] = this.stretch();
    const between = page.kindOf(model).tokens === "letters" ? "" : " ";
    const settings = { ...of, stretch: tokens.slice(first, last + 1), corpus: found.corpus.name };
    const data: ViewData = {
      what: "find",
      networks: [of.model],
      texts: [text],
      holds: page.holds,
      settings,
      columns: HIT_COLUMNS,
      rows: hitRows(found, between),
    };
    return { data };
  }
}

export const find = (box: HTMLElement, page: Page): View => new FindView(box, page);
