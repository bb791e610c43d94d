// Words and their ids, counted as in rnnviz/data/text.py. The two special entries cannot be typed.

import { UNKNOWN_ID } from "../network";
import { PADDING, UNKNOWN, Vocabulary } from "../tokens";

const SPECIALS = [UNKNOWN, PADDING];

/** The words of tokenised texts by id: the special entries, then the most frequent first, ties in alphabetical order. */
export const countWords = (texts: readonly (readonly string[])[]): string[] => {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of text) counts.set(word, (counts.get(word) ?? 0) + 1);
  for (const special of SPECIALS) counts.delete(special);
  const words = [...counts].sort(([one, some], [other, more]) => more - some || (one < other ? -1 : 1));
  return [...SPECIALS, ...words.map(([word]) => word)];
};

/** Turns words into ids; a text without any is read as one unknown word. */
export const idsBy = (vocabulary: readonly string[]): ((words: readonly string[]) => Int32Array) => {
  const known = new Vocabulary(vocabulary);
  return (words) => Int32Array.from(words.length ? known.ids(words) : [UNKNOWN_ID]);
};
