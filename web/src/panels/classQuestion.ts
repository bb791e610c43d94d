// For a class: a link can ask whether the answer will change, and where. Until a word is clicked, all that would tell
// is covered; then it is shown, with what is right. The strip itself leaves out its answers while page.covered().

import { html, render, type TemplateResult } from "lit-html";
import { NOWHERE, wordAlone } from "../model/place";
import type { Page, Panel } from "../state/page";
import { closest } from "../ui/dom";

const NEVER = -1;
/** A share that moves by less moves hardly at all. */
const LEAST = 0.1;

class ClassQuestionPanel implements Panel {
  private readonly page: Page;
  private readonly box: HTMLElement;
  /** The word that the class chose, or NEVER. */
  private chosen: number | null = null;

  constructor(page: Page) {
    this.page = page;
    this.box = page.part(".rv-question");
    this.box.tabIndex = -1;
    this.box.setAttribute("aria-labelledby", "rv-question-says");
    page.part(".rv-strip").addEventListener("click", (event) => this.click(event), true);
  }

  draw(): void {
    const { page, box } = this;
    const covered = page.covered();
    if (covered) this.cover();
    page.root.toggleAttribute("data-covered", covered);
    box.hidden = page.asking === null || !page.shown;
    if (!box.hidden) render(this.content(covered), box);
  }

  private cover(): void {
    const { page } = this;
    this.chosen = null;
    page.cover();
    // How far along the text was scrolled tells where the answer changes.
    if (!page.root.hasAttribute("data-covered")) page.part(".rv-scroll").scrollLeft = 0;
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private content(covered: boolean): TemplateResult {
    if (this.page.reading.windowed) return this.tooLong();
    return covered ? this.question() : this.outcome();
  }
  private question(): TemplateResult {
    const { page } = this;
    const answer = () => this.answer(NEVER);
    return html`<p id="rv-question-says" class="rv-ask">${page.say("ask_turn")}</p
      ><button type="button" class="rv-button" @click=${answer}>${page.say("ask_never")}</button>`;
  }
  private outcome(): TemplateResult {
    const { page } = this;
    const verdict = page.say(this.isRight() ? "ask_right" : "ask_wrong");
    const most = this.largest();
    const moved = most !== null && this.chosen === most && !this.turns().includes(most) ? [this.mostAt(most)] : [];
    const said = [...moved, this.fact(), ...page.whichAnswers()].join(" ");
    return html`<p id="rv-question-says" class="rv-outcome"><b>${verdict}</b> ${said}</p>${this.againButton()}`;
  }
  private tooLong(): TemplateResult {
    const { page } = this;
    const said = page.say("ask_shorter", { most: page.reading.size });
    return html`<p id="rv-question-says">${said}</p>${this.againButton()}`;
  }
  private againButton(): TemplateResult {
    const again = () => this.again();
    return html`<button type="button" class="rv-button" @click=${again}>${this.page.say("ask_again")}</button>`;
  }

  private turns(): number[] {
    return this.page.reading.turns.flatMap((turn, t) => (turn ? [t] : []));
  }
  private isRight(): boolean {
    const { chosen } = this;
    const turns = this.turns();
    if (chosen === null || chosen === NEVER) return !turns.length;
    return turns.includes(chosen) || chosen === this.largest();
  }
  /** The word at which the answer moves most, whether it turns there or not; null where it hardly moves at all. */
  private largest(): number | null {
    const moves = this.page.reading.verdicts.map((_, t) => Math.abs(this.rise(t).by));
    const most = Math.max(...moves);
    return most < LEAST ? null : moves.indexOf(most);
  }
  /** The class that gains most at a word, and how much. */
  private rise(t: number): { place: number; by: number } {
    const { verdicts } = this.page.reading;
    const gains = verdicts[t].map((share, place) => (t ? share - verdicts[t - 1][place] : 0));
    const by = Math.max(...gains);
    return { place: gains.indexOf(by), by };
  }
  private mostAt(t: number): string {
    const { page } = this;
    const { labels, verdicts } = page.reading;
    const { place } = this.rise(t);
    const [before, after] = [verdicts[t - 1][place], verdicts[t][place]].map((share) => page.share(share));
    return page.say("ask_most", { word: page.wordAt(t), label: page.classOf(labels[place]), before, after });
  }
  private fact(): string {
    const { page } = this;
    const { labels, winners } = page.reading;
    const classAt = (t: number) => page.classOf(labels[winners[t]]);
    const turns = this.turns();
    if (!turns.length) return page.say("ask_fact_never", { label: classAt(0) });
    const words = turns.map((t) => page.say("quoted", { word: page.wordAt(t) }));
    if (turns.length > 1) return page.say("ask_fact_many", { count: turns.length, words: page.list(words) });
    const [t] = turns;
    return page.say("ask_fact_once", { word: page.wordAt(t), before: classAt(t - 1), after: classAt(t) });
  }

  // --- the class answers ---------------------------------------------------------------------------------------------

  private click(event: Event): void {
    const word = closest(event, ".rv-word");
    if (!word || !this.page.covered()) return;
    event.stopPropagation(); // it answers, and does not pin
    this.answer(Number(word.dataset.token));
  }
  private answer(t: number): void {
    const { page } = this;
    this.chosen = t;
    page.reveal(t === NEVER ? NOWHERE : wordAlone(t));
    page.holdStill(); // what was covered comes back, and the words move
    page.draw();
    this.box.focus(); // on a phone the answer has come above it
  }
  /** Ask about another example that this network reads; where it has none, let the class write a sentence. */
  private again(): void {
    const { page } = this;
    const { model, text } = page.reading;
    const examples = (page.props.chips ?? []).filter((chip) => chip.model === model && !chip.other);
    const texts = [...new Set([page.props.value.text, ...examples.map((chip) => chip.text)])];
    if (texts.length > 1) {
      page.go({ text: texts[texts.indexOf(text) + 1] ?? texts[0] }); // a text that has not been answered is covered
      return;
    }
    page.forgetAnswer();
    page.draw();
    const box = page.part<HTMLTextAreaElement>("#rv-text");
    box.focus();
    box.select();
  }
}

export const classQuestion = (page: Page): Panel => new ClassQuestionPanel(page);
