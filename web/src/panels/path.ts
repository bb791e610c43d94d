// The lesson as a path: a sheet at the foot of the window, chapter by chapter. Its texts come when it is opened.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { live } from "lit-html/directives/live.js";
import type { Words } from "../client/contract";
import type { Destination, Reply } from "../client/types";
import { isDictionary, type Speaker, speaker } from "../i18n/speaker";
import { CHAPTERS, type Chapter, QUIZ } from "../lesson/chapters";
import { accountOfUnit } from "../model/account";
import { ownExample } from "../model/ownExample";
import type { Page, Panel } from "../state/page";
import { elementOf } from "../ui/element";
import { scrolling } from "../ui/scrolling";
import { ledgerSentences } from "./ledgerSentences";
import { type MomentSentences, momentSentences } from "./momentSentences";
import { stretchSentences } from "./stretchSentences";

const LETTERS = ["a1", "a2", "a3"];
const [BEFORE, AFTER] = ["before", "after"];
/** The questions before, the chapters, the questions after. */
const STEPS = [BEFORE, ...CHAPTERS.map(({ name }) => name), AFTER];

class PathPanel implements Panel {
  private readonly page: Page;
  private readonly control: HTMLElement;
  private readonly box: HTMLElement;
  private readonly ask: (name: Words) => void;
  private readonly sentences: MomentSentences;
  private readonly accounts: ReturnType<typeof ledgerSentences>;
  private readonly stretches: ReturnType<typeof stretchSentences>;
  /** The lesson's texts, in the page's language. */
  private texts: Speaker | null = null;
  private hasFailed = false;
  /** The language in which they were asked for. */
  private wanted: string | null = null;
  /** What was chosen in this visit, by question; those after the lesson are other questions than those before. */
  private readonly chosen = new Map<string, number>();
  /** Chapters that have been done. */
  private readonly tried = new Set<string>();
  /** Chapters whose exercise has been solved aloud. */
  private readonly opened = new Set<string>();
  private hasForgotten = false;

  constructor(page: Page) {
    this.page = page;
    this.sentences = momentSentences(page);
    this.accounts = ledgerSentences(page);
    this.stretches = stretchSentences(page);
    this.control = page.part(".rv-path-start");
    this.box = elementOf(html`<section class="rv-path" tabindex="-1" hidden></section>`);
    page.root.append(this.box);
    this.ask = page.asker("words", {
      use: (reply, name: Words) => this.use(reply, name),
      fail: () => this.use({}, `lesson-${page.language()}`),
    });
    page.provide({ openLesson: (name) => this.open(name) });
    this.control.hidden = !this.hasTexts();
    this.control.addEventListener("click", () => (this.box.hidden ? this.open(this.next()) : this.close()));
    this.box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
      this.control.focus();
    });
  }

  draw(): void {
    if (this.box.hidden) return;
    if (this.wanted !== this.page.language()) this.fetch();
    this.render();
  }

  /** The numbers of what is open follow the word and the unit that are looked at. */
  mark(): void {
    const { page, box } = this;
    const chapter = CHAPTERS.find(({ name }) => name === page.view.chapter);
    if (!box.hidden && chapter?.speaks && this.chosen.has(chapter.name)) this.render();
  }

  /** A saved page has no texts of the lesson. */
  private hasTexts(): boolean {
    const { host, props, server } = this.page;
    return Boolean(host.python) || (server !== null && "lesson-en" in (props.dictionaries ?? {}));
  }

  // --- opening -------------------------------------------------------------------------------------------------------

  /** Where the lesson goes on: the first chapter that is not done. */
  private next(): string {
    const { done } = this.page.progress.kept;
    return done.length ? (STEPS.slice(1).find((name) => !done.includes(name)) ?? AFTER) : BEFORE;
  }
  private open(name: string, takesFocus = true): void {
    if (!this.hasTexts() || !STEPS.includes(name)) return; // a link may name anything
    if (this.hasFailed) this.wanted = null; // so that they are asked for again
    this.hasForgotten = false;
    this.page.set({ chapter: name });
    this.box.hidden = false;
    this.control.setAttribute("aria-expanded", "true");
    this.draw();
    this.box.scrollTop = 0;
    if (takesFocus) this.box.focus({ preventScroll: true });
  }
  private close(): void {
    this.page.set({ chapter: null });
    this.box.hidden = true;
    this.control.setAttribute("aria-expanded", "false");
  }
  private fetch(): void {
    this.hasFailed = false;
    this.texts = null;
    this.wanted = this.page.language();
    this.ask(`lesson-${this.page.language()}`);
  }
  private use(reply: Reply<"words">, name: Words): void {
    if (name !== `lesson-${this.page.language()}`) return; // the language has changed meanwhile
    const hasCome = isDictionary(reply) && "path_of" in reply;
    this.texts = hasCome ? speaker(reply, this.page.language()) : null;
    this.hasFailed = !hasCome;
    this.render();
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private readonly say = (key: string, values = {}): string => {
    const { texts, page } = this;
    return texts?.has(key) ? texts.say(key, values) : page.say(`lesson_${key}`);
  };
  private titleOf(name: string): string {
    if (name === BEFORE || name === AFTER) return this.say(`path_quiz_${name}`);
    return this.say(`${name}_title`);
  }

  private render(): void {
    const { box, page } = this;
    const { chapter } = page.view;
    if (chapter === null || box.hidden) return;
    box.dataset.chapter = chapter;
    if (this.hasFailed) render(html`<p class="rv-alert">${page.say("path_failed")}</p>${this.closer()}`, box);
    else if (!this.texts) render(html`<p>${page.say("waiting")}</p>${this.closer()}`, box);
    else {
      box.setAttribute("aria-label", this.say("path_label"));
      const known = CHAPTERS.find(({ name }) => name === chapter);
      render(html`${this.head(chapter)}${known ? this.chapter(known) : this.quiz(chapter)}`, box);
    }
  }

  private head(chapter: string): TemplateResult {
    const at = STEPS.indexOf(chapter);
    const { done } = this.page.progress.kept;
    const option = (name: string) => html`<option value=${name} .selected=${live(name === chapter)}
      >${done.includes(name) ? "✓ " : ""}${this.titleOf(name)}</option>`;
    const turn = (by: number, key: string, looks: string) => html`<button type="button" class=${`rv-button ${looks}`}
      ?disabled=${!STEPS[at + by]} @click=${() => this.open(STEPS[at + by])}>${this.say(key)}</button>`;
    const isChapter = at > 0 && at < STEPS.length - 1;
    return html`<header class="rv-path-head"
      ><p class="rv-path-place">${isChapter ? this.say("path_of", { number: at, count: CHAPTERS.length }) : nothing}</p
      ><select class="rv-path-chapters" aria-label=${this.say("path_chapters")}
        @change=${(event: Event) => this.open((event.target as HTMLSelectElement).value, false)}>${STEPS.map(option)}</select
      >${turn(-1, "path_back", "")}${turn(1, "path_on", "rv-path-on")}${this.closer()}</header>`;
  }
  private closer(): TemplateResult {
    return html`<button type="button" class="rv-button rv-path-close" aria-label=${this.say("path_close")}
      @click=${() => this.close()}>✕</button>`;
  }

  // --- a chapter -----------------------------------------------------------------------------------------------------

  private chapter(chapter: Chapter): TemplateResult {
    const { name, right } = chapter;
    const isAnswered = this.chosen.has(name);
    const doIt = this.isHere(chapter)
      ? html`<button type="button" class="rv-button rv-primary" @click=${() => this.doIt(chapter, isAnswered)}
          >${this.say("path_do")}</button>${this.waits(chapter)}`
      : nothing;
    return html`<p class="rv-on-paper">${this.say("path_name")} ________________________</p
      ><div class="rv-path-body"
      ><div class="rv-path-idea"><h2>${this.titleOf(name)}</h2><p>${this.say(`${name}_text`)}</p>${doIt}</div
      ><div class="rv-path-ask"
        >${this.question(name, right, (place) => this.answer(chapter, place))}${isAnswered ? this.seen(chapter) : nothing}</div
      ><div class="rv-path-more"
        ><p><b>${this.say("path_task")}</b> ${this.say(`${name}_task`)}</p
        ><div class="rv-on-paper rv-lines"></div>${this.solution(name)}<details class="rv-path-presenter"
          ><summary>${this.say("path_presenter")}</summary><p>${this.say(`${name}_presenter`)}</p></details
        ><button type="button" class="rv-button rv-path-print" @click=${() => print()}>${this.say("path_handout")}</button
      ></div></div>`;
  }
  /** Whether the page has the networks of a chapter. */
  private isHere({ place, needs = [] }: Chapter): boolean {
    const there = this.page.props.models.filter(({ problem }) => !problem).map(({ name }) => name);
    return [place.model ?? "", ...needs].every((name) => there.includes(name));
  }
  private placeOf({ place, isInLanguage }: Chapter): Destination {
    const { page } = this;
    return isInLanguage ? { ...place, text: ownExample(page.props.chips, page.language())?.text } : place;
  }
  private doIt(chapter: Chapter, isAnswered: boolean): void {
    const { name, reveal, look } = chapter;
    const place = this.placeOf(chapter);
    this.tried.add(name);
    if (isAnswered && reveal) this.go({ ...place, ...reveal.place }, reveal.look);
    else this.go(place, look);
  }
  /** That the picture waits for the answer, once the reader looks for it. */
  private waits({ name, reveal }: Chapter): TemplateResult {
    const isWaiting = reveal && this.tried.has(name) && !this.chosen.has(name);
    return html`<p class="rv-path-waits" role="status">${isWaiting ? this.say("path_waits") : nothing}</p>`;
  }
  private go(place: Destination, look: string): void {
    const { page } = this;
    page.visit(place);
    page.part(look).scrollIntoView({ block: "start", behavior: scrolling() });
    this.render();
  }
  private answer(chapter: Chapter, place: number): void {
    const { name, reveal } = chapter;
    this.chosen.set(name, place);
    this.page.progress.finish(name);
    if (reveal && this.isHere(chapter)) this.doIt(chapter, true);
    this.render();
  }
  /** What the picture shows now. Its numbers are those of the chapter's own sentence; beside another text of the same
   * network they are computed from what is open. */
  private seen(chapter: Chapter): TemplateResult {
    const { page } = this;
    const { shown, holds } = page;
    const { name, reveal } = chapter;
    if (!this.isHere(chapter)) return html`<p class="rv-note">${this.say("path_missing")}</p>`;
    const wanted = { ...this.placeOf(chapter), ...reveal?.place };
    const isThere = shown?.model === wanted.model && shown?.text === wanted.text && !holds.length;
    const now = isThere || shown?.model !== wanted.model ? [] : this.now(chapter);
    if (now.length)
      return html`<p><b>${this.say("path_now")}</b> <span class="rv-path-now">${now.join(" ")}</span></p>`;
    return html`<p><b>${this.say("path_see")}</b> ${this.say(`${name}_see`)}</p
      >${isThere ? nothing : html`<p class="rv-note">${this.say("path_elsewhere")}</p>`}`;
  }
  /** What a chapter speaks of, as it is in the reading that is open. */
  private now({ speaks }: Chapter): string[] {
    const { page, sentences } = this;
    const here = page.here();
    const { reading } = page;
    const answer = () =>
      page.say("answer", {
        label: page.classOf(reading.labels[reading.answer]),
        share: page.share(reading.final[reading.answer]),
      });
    if (speaks === "answers") return [sentences.ofAnswer(here), answer()];
    if (speaks === "stretch") return [this.stretches.ofUnits(page.findingOf(reading.model))];
    if (speaks === "unit") return [sentences.ofUnit(here), ...sentences.ofWhichText(here)];
    if (speaks !== "ledger" || reading.cell === "rnn") return [];
    const last = reading.tokens.length - 1;
    const seen = here.direction === 0 ? last : 0;
    return [this.accounts.ofUnit(accountOfUnit(reading, here, seen), here, seen, true)];
  }
  private solution(name: string): TemplateResult {
    const isOpen = this.opened.has(name);
    const open = () => {
      this.opened.add(name);
      this.render();
    };
    return html`<button type="button" class="rv-button" aria-expanded=${isOpen} @click=${open}
        >${this.say("path_answer")}</button
      ><p class="rv-path-solution" role="status">${isOpen ? this.say(`${name}_answer`) : nothing}</p>`;
  }

  // --- questions -----------------------------------------------------------------------------------------------------

  /** A question with three answers; once one is chosen, whether it was right, and why. */
  private question(name: string, right: number, choose: (place: number) => void, id = name): TemplateResult {
    const chosen = this.chosen.get(id);
    const option = (letter: string, place: number) => html`<label
      class=${chosen !== undefined && place === right ? "rv-check rv-path-right" : "rv-check"}
      ><input type="radio" name=${`rv-path-${id}`} .checked=${live(chosen === place)} ?disabled=${id !== name && chosen !== undefined} @change=${() => choose(place)}
      ><span>${this.say(`${name}_${letter}`)}</span></label>`;
    const verdict = this.say(chosen === right ? "path_right" : "path_wrong");
    return html`<fieldset class="rv-path-question"><legend>${this.say(`${name}_ask`)}</legend
      >${LETTERS.map(option)}</fieldset
      ><p class="rv-path-why" role="status">${
        chosen === undefined ? nothing : html`<b>${verdict}</b> ${this.say(`${name}_why`)}`
      }</p>`;
  }

  private quiz(when: string): TemplateResult {
    const right = this.rightOf(when);
    const asked = QUIZ.map(
      ({ name, right }) =>
        html`<div>${this.question(name, right, (place) => this.answerQuiz(when, name, place), `${when}-${name}`)}</div>`,
    );
    return html`<div class="rv-path-quiz"><h2>${this.titleOf(when)}</h2><p>${this.say(when === AFTER ? "path_quiz_text_after" : "path_quiz_text")}</p
      ><div class="rv-path-questions">${asked}</div
      ><p class="rv-path-score" role="status">${right === null ? nothing : this.score(when, right)}</p
      ><p><button type="button" class="rv-button rv-path-forget" @click=${() => this.forget()}>${this.say("path_forget")}</button>
      ${this.hasForgotten ? this.say("path_forgotten") : nothing}</p></div>`;
  }
  /** How many of the answers are right; null until all are given. */
  private rightOf(when: string): number | null {
    const chosen = QUIZ.map(({ name }) => this.chosen.get(`${when}-${name}`));
    return chosen.includes(undefined) ? null : QUIZ.filter(({ right }, n) => chosen[n] === right).length;
  }
  private score(when: string, right: number): string {
    const { before } = this.page.progress.kept;
    const count = QUIZ.length;
    if (when === AFTER && before !== undefined) return this.say("path_quiz_scores", { before, right, count });
    return this.say("path_quiz_score", { right, count });
  }
  private answerQuiz(when: string, name: string, place: number): void {
    const id = `${when}-${name}`;
    if (!this.chosen.has(id)) this.chosen.set(id, place); // the first answer counts
    const right = this.rightOf(when);
    if (right !== null) {
      this.page.progress.score(when as "before" | "after", right);
      this.page.progress.finish(when);
    }
    this.render();
  }
  private forget(): void {
    this.page.progress.forget();
    this.chosen.clear();
    this.tried.clear();
    this.opened.clear();
    this.hasForgotten = true;
    this.render();
  }
}

export const path = (page: Page): Panel => new PathPanel(page);
