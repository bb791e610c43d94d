// The stretch that the view Find searches for: its words in quotes, and how many units are on all through it.

import { type Conditions, type Stretch, stretchOf, unitsBeyond, wholeSigns } from "../model/finding";
import { counting } from "../model/numbers";
import { type Sign, signsOf } from "../model/signs";
import { isolated, visible } from "../model/text";
import type { Page } from "../state/page";

const readsLetters = (page: Page): boolean => page.kindOf(page.reading.model).tokens === "letters";

/** What can be chosen: a word, or the letters of a sign. */
export const signsIn = (page: Page): readonly Sign[] => {
  const { tokens } = page.reading;
  return readsLetters(page) ? signsOf(tokens) : counting(tokens.length).map((t): Sign => [t, t + 1]);
};

/** The stretch that is searched for, of whole signs. */
export const stretchIn = (page: Page): Stretch =>
  wholeSigns(stretchOf(page.reading, page.range, page.pinned.token), signsIn(page));

/** Its words in quotes. */
export const quotedStretch = (page: Page): string => {
  const [first, last] = stretchIn(page);
  const parts = signsIn(page)
    .filter(([from, to]) => from >= first && to - 1 <= last)
    .map(([from, to]) => page.reading.tokens.slice(from, to).join(""));
  const word = readsLetters(page) ? parts.map(visible).join("") : parts.map(isolated).join(" ");
  return page.say("quoted", { word });
};

/** How many units are on all through it. */
export const unitsOnSentence = (page: Page, conditions: Conditions): string =>
  page.say("find_units", {
    count: unitsBeyond(page.reading, stretchIn(page), conditions).length,
    words: quotedStretch(page),
    threshold: page.signed(conditions.threshold),
  });
