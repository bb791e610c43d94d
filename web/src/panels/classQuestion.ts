// For a class: a link can ask a question about the text. Until it is answered, all that would tell is covered; then it
// is shown, with what is right. The strip itself leaves out its answers while page.wordsCovered(). How the answers of
// a class are counted: classRoom.ts.

import { html, nothing, render, type TemplateResult } from "lit-html";
import { paddingSentence } from "../i18n/paddingSentence";
import {
  CHANGES,
  gainAt,
  keepers,
  keptOf,
  largestMove,
  NONE,
  raisers,
  turnsOf,
  unitAnswer,
  unitOfAnswer,
  waysEnds,
  wordAnswer,
  wordOf,
} from "../model/classAnswers";
import { MOST_FILLED } from "../model/padding";
import { NOWHERE, type Place, type Unit, wordAlone } from "../model/place";
import type { TypedReading } from "../model/reading";
import { remembered } from "../model/remembered";
import type { Page, Panel } from "../state/page";
import { closest } from "../ui/dom";
import { type Answers, classRoom } from "./classRoom";
import { paddingTruth } from "./paddingTruth";

class ClassQuestionPanel implements Panel {
  private readonly page: Page;
  private readonly box: HTMLElement;
  private readonly room: ReturnType<typeof classRoom>;
  private readonly padding: ReturnType<typeof paddingTruth>;
  /** What was answered; null before. */
  private chosen: number | null = null;
  /** The rows that were shown when it was asked: afterwards, others may be. */
  private asked: Unit[] = [];

  constructor(page: Page) {
    this.page = page;
    this.box = page.part(".rv-question");
    this.box.tabIndex = -1;
    this.box.setAttribute("aria-labelledby", "rv-question-says");
    this.room = classRoom(page, () => this.render());
    this.padding = paddingTruth(page, () => this.render());
    page.part(".rv-strip").addEventListener("click", (event) => this.clickWord(event), true);
    page.part(".rv-field-of-units").addEventListener("click", () => this.clickRow());
  }

  draw(): void {
    const { page } = this;
    const covered = page.covered();
    if (covered) this.cover();
    if (covered) page.root.setAttribute("data-covered", page.asking ?? "");
    else page.root.removeAttribute("data-covered");
    this.render();
  }
  private render(): void {
    const { page, box } = this;
    box.hidden = page.asking === null || !page.shown;
    if (!box.hidden) render(this.content(), box);
  }

  private cover(): void {
    const { page } = this;
    this.chosen = null;
    page.cover();
    if (page.shown) this.keepRows();
    // How far along the text was scrolled tells where the answer changes.
    if (!page.root.hasAttribute("data-covered")) page.part(".rv-scroll").scrollLeft = 0;
  }

  private keepRows(): void {
    const { page } = this;
    if (page.asking === "memory") page.set({ signal: page.reading.memory }); // the gates would tell
    const blocks = page.blocks();
    this.asked = blocks.flatMap(({ rows, ...block }) => rows.map((unit) => ({ unit, ...block })));
  }

  // --- what is said --------------------------------------------------------------------------------------------------

  private content(): TemplateResult {
    const { page } = this;
    const why = this.whyNot();
    if (why !== null) return this.said(html`${why}`, this.canAsk() ? this.againButton() : nothing);
    if (page.covered()) {
      return html`<p id="rv-question-says" class="rv-ask">${this.question()}</p>${this.means()}${this.counted(false)}`;
    }
    const verdict = page.say(this.isRight(this.chosen ?? NONE) ? "ask_right" : "ask_wrong");
    const said = this.facts().join(" ");
    const content = html`<b>${verdict}</b> ${said}`;
    return html`${this.said(content, this.againButton())}${this.counted(true)}`;
  }
  private said(content: TemplateResult, button: TemplateResult | typeof nothing): TemplateResult {
    return html`<p id="rv-question-says" class="rv-outcome">${content}</p>${button}`;
  }
  /** Whether this network can be asked about another text. */
  private canAsk(): boolean {
    const { asking, reading } = this.page;
    return asking !== "unknown" && !this.page.tellsNext(reading.model);
  }
  /** Why the question cannot be asked about this text and network; null where it can. */
  private whyNot(): string | null {
    const { page } = this;
    const { reading, asking } = page;
    if (asking === "unknown") return page.say("ask_unknown");
    if (page.tellsNext(reading.model)) return page.say("ask_next");
    if (reading.windowed) return page.say("ask_shorter", { most: reading.size });
    if (asking === "memory" && reading.cell === "rnn") return page.say("ask_memory_rnn");
    if (asking !== "padding") return null;
    if (reading.tokens.length >= MOST_FILLED) return page.say("ask_shorter", { most: MOST_FILLED - 1 });
    return this.padding.now() === "none" ? page.say("ask_padding_none") : null;
  }
  private question(): string {
    const { page } = this;
    const { reading, asking } = page;
    const label = page.classOf(reading.labels[reading.answer]);
    if (asking !== "padding") return page.say(`ask_${asking}`, { label });
    const share = page.share(reading.final[reading.answer]);
    return page.say("ask_padding", { label, share, count: MOST_FILLED });
  }
  /** What is pressed to answer, beside the words and the rows themselves. */
  private means(): TemplateResult {
    const { page } = this;
    const button = (says: string, choice: number) =>
      html`<button type="button" class="rv-button" @click=${() => this.answer(choice)}>${page.say(says)}</button>`;
    if (page.asking === "memory") return html`${this.units()}${button("ask_none_memory", NONE)}`;
    if (page.asking === "raised") return button("ask_none_raised", NONE);
    if (page.asking === "turn") return button("ask_never", NONE);
    if (this.padding.now() === "waiting") return html`<p>${page.say("waiting")}</p>`;
    return html`${button("ask_stays", NONE)}${button("ask_changes", CHANGES)}`;
  }
  /** The rows as a list, for whoever does not point at them. */
  private units(): TemplateResult {
    const { page } = this;
    const answer = () => this.answer(Number(page.part<HTMLSelectElement>("#rv-question-unit").value));
    const option = (choice: number) => html`<option value=${choice}>${this.nameOf(choice)}</option>`;
    return html`<span class="rv-question-units"><label for="rv-question-unit">${page.say("ask_row")}</label
      ><select id="rv-question-unit">${this.unitChoices().map(option)}</select
      ><button type="button" class="rv-button" @click=${answer}>${page.say("ask_answer")}</button></span>`;
  }
  private againButton(): TemplateResult {
    const again = () => this.again();
    return html`<button type="button" class="rv-button" @click=${again}>${this.page.say("ask_again")}</button>`;
  }
  private counted(isRevealed: boolean): TemplateResult | typeof nothing {
    const answers: Answers = {
      choices: this.choices(),
      nameOf: (choice) => this.nameOf(choice),
      isRight: isRevealed ? (choice) => this.isRight(choice) : null,
    };
    return this.room.template(answers, isRevealed ? this.chosen : null);
  }

  // --- the answers ---------------------------------------------------------------------------------------------------

  private choices(): number[] {
    const { page } = this;
    if (page.asking === "padding") return [NONE, CHANGES];
    if (page.asking === "memory") return [NONE, ...this.unitChoices()];
    return [NONE, ...page.reading.tokens.map((_, t) => wordAnswer(t))];
  }
  private unitChoices(): number[] {
    return this.asked.map((unit) => unitAnswer(unit, this.page.reading));
  }
  private nameOf(choice: number): string {
    const { page } = this;
    const { asking, reading } = page;
    if (asking === "padding") return page.say(choice === NONE ? "ask_stays" : "ask_changes");
    if (choice === NONE) return page.say(asking === "turn" ? "ask_never" : `ask_none_${asking}`);
    if (asking === "memory") return page.say("unit", { unit: page.unitOf(unitOfAnswer(choice, reading)) });
    const t = wordOf(choice);
    return t < reading.tokens.length ? page.wordAt(t) : page.count(choice);
  }
  private isRight(choice: number): boolean {
    const { reading, asking } = this.page;
    const right = this.rightAnswers(reading, asking, this.asked, asking === "padding" && this.padding.changes());
    if (asking === "turn" && choice !== NONE && wordOf(choice) === largestMove(reading)) return true;
    return right.length ? right.includes(choice) : choice === NONE;
  }
  /** Those that are right beyond doubt; none where no word and no unit is. */
  private readonly rightAnswers = remembered(
    (reading: TypedReading, asking: Page["asking"], rows: Unit[], changes: boolean): number[] => {
      if (asking === "padding") return [changes ? CHANGES : NONE];
      if (asking === "memory") return keepers(reading, rows).map((unit) => unitAnswer(unit, reading));
      return (asking === "turn" ? turnsOf(reading) : raisers(reading)).map(wordAnswer);
    },
  );

  // --- what is right -------------------------------------------------------------------------------------------------

  private facts(): string[] {
    const { page } = this;
    if (page.asking === "padding") return [this.paddingFact()];
    if (page.asking === "memory") return this.memoryFacts();
    return [...(page.asking === "turn" ? this.turnFacts() : this.raisedFacts()), ...page.whichAnswers()];
  }
  private turnFacts(): string[] {
    const { reading } = this.page;
    const most = largestMove(reading);
    const movedMost = most !== null && this.chosen === wordAnswer(most) && !turnsOf(reading).includes(most);
    return [...(movedMost ? [this.move("ask_most", most, gainAt(reading, most).place)] : []), this.turnFact()];
  }
  private turnFact(): string {
    const { page } = this;
    const { labels, winners } = page.reading;
    const classAt = (t: number) => page.classOf(labels[winners[t]]);
    const turns = turnsOf(page.reading);
    if (!turns.length) return page.say("ask_fact_never", { label: classAt(0) });
    const words = turns.map((t) => page.say("quoted", { word: page.wordAt(t) }));
    if (turns.length > 1) return page.say("ask_fact_many", { count: turns.length, words: page.list(words) });
    const [t] = turns;
    return page.say("ask_fact_once", { word: page.wordAt(t), before: classAt(t - 1), after: classAt(t) });
  }
  private raisedFacts(): string[] {
    const { page, chosen } = this;
    const { answer, verdicts, tokens, labels } = page.reading;
    const [most, ...others] = raisers(page.reading);
    if (most !== undefined) {
      const asMuch = others.filter((t) => chosen === wordAnswer(t));
      const facts = [this.move("ask_fact_raised", most, answer)];
      return [...facts, ...asMuch.map((t) => this.move("ask_fact_raised_too", t, answer))];
    }
    const [before, after] = [0, tokens.length - 1].map((t) => page.share(verdicts[t][answer]));
    return [page.say("ask_fact_unraised", { label: page.classOf(labels[answer]), before, after })];
  }
  /** How the share of a class moves at a word. */
  private move(says: string, t: number, place: number): string {
    const { page } = this;
    const { labels, verdicts } = page.reading;
    const [before, after] = [verdicts[t - 1][place], verdicts[t][place]].map((share) => page.share(share));
    return page.say(says, { word: page.wordAt(t), label: page.classOf(labels[place]), before, after });
  }
  private memoryFacts(): string[] {
    const { page, chosen } = this;
    const { reading } = page;
    const best = keepers(reading, this.asked);
    const own = chosen ? unitOfAnswer(chosen, reading) : null;
    if (!best.length) return [page.say("ask_fact_forgot")];
    const isBest = best.some((unit) => unitAnswer(unit, reading) === chosen);
    if (own && isBest) return [this.keeps("ask_fact_memory", own)];
    return [this.keeps("ask_fact_memory", best[0]), ...(own ? [this.keeps("ask_fact_memory_other", own)] : [])];
  }
  private keeps(says: string, unit: Unit): string {
    const { page } = this;
    const [first] = waysEnds(page.reading, unit.direction);
    const share = page.share(keptOf(page.reading, unit));
    return page.say(says, { unit: page.unitOf(unit), word: page.wordAt(first), share });
  }
  private paddingFact(): string {
    const { page } = this;
    const { reading } = page;
    const found = this.padding.now();
    if (typeof found === "object") return paddingSentence(page, found, found.padded_to);
    const label = page.classOf(reading.labels[reading.answer]);
    return page.say("ask_fact_packed", { label, share: page.share(reading.final[reading.answer]) });
  }

  // --- the class answers ---------------------------------------------------------------------------------------------

  private clickWord(event: Event): void {
    const word = closest(event, ".rv-word");
    if (!word || !this.page.wordsCovered()) return;
    event.stopPropagation(); // it answers, and does not pin
    this.answer(wordAnswer(Number(word.dataset.token)));
  }
  /** The heatmap has just pinned the row that was clicked. */
  private clickRow(): void {
    const { page } = this;
    const { pinned, reading } = page;
    if (page.asking !== "memory" || !page.covered() || pinned.unit === null || this.whyNot() !== null) return;
    this.answer(unitAnswer(pinned, reading));
  }
  private answer(choice: number): void {
    const { page } = this;
    this.chosen = choice;
    page.reveal(this.placeOf(choice));
    page.holdStill(); // what was covered comes back, and the words move
    this.room.answer(choice);
    page.draw();
    this.box.focus(); // on a phone the answer has come above it
  }
  private placeOf(choice: number): Place {
    const { asking, reading } = this.page;
    if (choice === NONE || asking === "padding") return NOWHERE;
    if (asking !== "memory") return wordAlone(wordOf(choice));
    const unit = unitOfAnswer(choice, reading);
    return { ...unit, token: waysEnds(reading, unit.direction)[1] };
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
