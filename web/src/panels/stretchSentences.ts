// The stretch that the view Find searches for: its words in quotes, and how many units are on all through it.

import { type Conditions, type Stretch, stretchOf, unitsBeyond, wholeSigns } from "../model/finding";
import { counting } from "../model/numbers";
import { type Sign, signsOf } from "../model/signs";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";

class StretchSentences {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** What can be chosen: a word, or the letters of a sign. */
  signs(): readonly Sign[] {
    const { tokens } = this.page.reading;
    return this.readsLetters() ? signsOf(tokens) : counting(tokens.length).map((t): Sign => [t, t + 1]);
  }
  /** What is searched for, of whole signs. */
  stretch(): Stretch {
    const { reading, range, pinned } = this.page;
    return wholeSigns(stretchOf(reading, range, pinned.token), this.signs());
  }
  quoted(): string {
    const { page } = this;
    const [first, last] = this.stretch();
    const parts = this.signs()
      .filter(([from, to]) => from >= first && to - 1 <= last)
      .map(([from, to]) => page.reading.tokens.slice(from, to).join(""));
    const word = this.readsLetters() ? parts.map(visible).join("") : parts.map(isolated).join(" ");
    return page.say("quoted", { word });
  }
  ofUnits(conditions: Conditions): string {
    const { page } = this;
    return page.say("find_units", {
      count: unitsBeyond(page.reading, this.stretch(), conditions).length,
      words: this.quoted(),
      threshold: page.signed(conditions.threshold),
    });
  }
  private readsLetters(): boolean {
    const { page } = this;
    return page.kindOf(page.reading.model).tokens === "letters";
  }
}

export const stretchSentences = (page: Page): StretchSentences => new StretchSentences(page);
