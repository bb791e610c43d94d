// What is said above the picture about a reading: words that the network does not know, a window of a long text.

import { html, type TemplateResult } from "lit-html";
import type { TypedReading } from "../model/reading";
import type { Page } from "../state/page";

/** A sentence with a button after it. */
const withButton = (sentence: string, name: string, act: () => void): TemplateResult =>
  html`<p>${sentence}<button type="button" class="rv-button" @click=${act}>${name}</button></p>`;
const line = (sentence: string): TemplateResult => html`<p>${sentence}</p>`;

/** Whether more than a quarter of the letters are of another script than Latin. */
const isOtherScript = (text: string): boolean => {
  const letters = text.match(/\p{L}/gu) ?? [];
  return letters.filter((letter) => !/\p{Script=Latin}/u.test(letter)).length > letters.length / 4;
};

class ReadingNotices {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  of(reading: TypedReading): TemplateResult[] {
    return [...this.missing(reading), ...this.aboutWords(reading), ...this.aboutLength(reading)];
  }

  private missing(reading: TypedReading): TemplateResult[] {
    const { page } = this;
    if (!page.missing) return [];
    return [line(page.say("link_model", { model: page.missing, other: page.titleOf(reading.model) }))];
  }

  private aboutWords(reading: TypedReading): TemplateResult[] {
    const { page } = this;
    const { unknown_total: unknown, read } = reading;
    const { example, english } = page.props.models.find(({ name }) => name === reading.model) ?? {};
    const hasOwnWords = Boolean(example) && unknown > read / 2;
    const said = [this.unknownWords(reading)];
    if (english && isOtherScript(reading.text)) said.push(page.say("reads_english"));
    const sentences = said.filter((sentence) => sentence !== null);
    const plain = hasOwnWords ? sentences.slice(0, -1) : sentences;
    const own = hasOwnWords ? sentences.slice(-1) : [];
    const visit = () => page.visit({ text: example ?? "" });
    return [...plain.map(line), ...own.map((sentence) => withButton(sentence, page.say("own_words"), visit))];
  }
  /** Null where the network knows at least half of the words. */
  private unknownWords({ unknown_total: unknown, read, total }: TypedReading): string | null {
    const { page } = this;
    if (unknown < read) return unknown > read / 2 ? page.say("most_unknown", { unknown, count: read }) : null;
    if (total === 1) return page.say("one_unknown");
    return read === total ? page.say("all_unknown", { count: total, times: this.times(total) }) : null;
  }
  private times(count: number): string {
    const key = `times_${count}`;
    return this.page.has(key) ? this.page.say(key) : this.page.say("times_many", { count });
  }

  private aboutLength(reading: TypedReading): TemplateResult[] {
    const { page } = this;
    return [
      ...(reading.windowed ? [this.window(reading)] : []),
      ...(reading.cut ? [line(page.say("text_cut", { count: reading.text.length }))] : []),
    ];
  }
  private window({ start, size, tokens, total, read }: TypedReading): TemplateResult {
    const { page } = this;
    const last = start + tokens.length;
    const step = (name: string, to: number, possible: boolean) => html`<button
      type="button" class="rv-button" ?disabled=${!possible} @click=${() => page.ask({ start: to, holds: page.holds })}
    >${page.say(name)}</button>`;
    const sentence = page.say(read < total ? "window" : "window_all", { first: start + 1, last, count: total, read });
    return html`<p>${sentence}${step("earlier", Math.max(0, start - size), start > 0)}${step("later", start + size, last < read)}</p>`;
  }
}

export const readingNotices = (page: Page) => new ReadingNotices(page);
