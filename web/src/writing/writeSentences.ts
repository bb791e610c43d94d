// What the view Write says of its texts.

import type { Letter } from "../engine/write";
import { MOST_LETTERS } from "../engine/writers";
import { bitsOf, partingOf, surpriseOf } from "../model/writing";
import type { Page } from "../state/page";
import { letterName } from "./writeChoice";

/** A text as far as it is shown. */
export interface Told {
  letters: readonly Letter[];
  start: number;
}

/** How much it wrote, and how expected that was. */
export const storyOf = (page: Page, { letters, start }: Told): string => {
  const found = surpriseOf(letters, start);
  if (!found) return page.say("write_told_none", { count: start });
  const least = letters[found.most];
  return page.say("write_told", {
    count: letters.length - start,
    bits: page.signed(found.mean, 1),
    letter: letterName(page, least.token),
    most: page.signed(bitsOf(least) ?? 0, 1),
  });
};

/** Where two texts part that were written from the same random numbers. */
export const partingTold = (page: Page, free: Told, held: Told): string => {
  const place = partingOf(free.letters, held.letters);
  return place < 0 ? page.say("write_same") : page.say("write_parts", { place: place - free.start + 1 });
};

/** What the reader should know of a text. */
export const notesOf = (page: Page, { letters, start }: Told): string[] => {
  const notes: string[] = [];
  const unknown = letters.slice(1, start).filter(({ probability }) => probability === null);
  if (unknown.length) {
    const names = [...new Set(unknown.map(({ token }) => letterName(page, token)))].slice(0, 8);
    notes.push(page.say("write_unknown", { letters: page.list(names) }));
  }
  const close = letters.findIndex((letter) => letter.close);
  if (close >= 0) notes.push(page.say("write_close", { place: close - start + 1 }));
  if (letters.length >= MOST_LETTERS) notes.push(page.say("write_full", { count: MOST_LETTERS }));
  return notes;
};
