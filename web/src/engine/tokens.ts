// From a person's text to tokens and ids, token for token as rnnviz/data/text.py: torchtext's `basic_english` after a
// few repairs.
//
// Of all that JavaScript knows of characters only white space differs from Python's; a test asks every code point.

import { PADDING_ID, UNKNOWN_ID } from "./network";
import { FormatError, textOf } from "./strictJson";

export const UNKNOWN = "<unk>";
export const PADDING = "<pad>";

/** What Python splits at; without U+FEFF, with U+001C to U+001F and U+0085. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES = new RegExp(`[${SPACE}]+`);
const BASIC_ENGLISH: readonly [string, string][] = [
  ["'", " '  "],
  ['"', ""],
  [".", " . "],
  ["<br />", " "],
  [",", " , "],
  ["(", " ( "],
  [")", " ) "],
  ["!", " ! "],
  ["?", " ? "],
  [";", " "],
  [":", " "],
];
/** What phones write for plain characters, and the double quotes, which `basic_english` drops anyway. */
const TYPED: Partial<Record<string, string>> = {
  "\u2018": "'",
  "\u2019": "'",
  "\u02bc": "'",
  "\u2026": "...",
  "\u2014": " -- ",
};
const TYPED_CHARACTERS = /[\u2018\u2019\u02bc\u2026\u2014"\u201c\u201d]/g;
const NOT_ASCII = /[^\0-\x7f]/;
/** Of accents on one letter, as in Unicode's stream-safe format: NFC needs quadratic time for them. */
const MOST_MARKS = 30;
const MARKS = new RegExp(`[^\\p{L}\\p{N}_${SPACE}!-~]{${MOST_MARKS + 1},}`, "gu");

/** The tokens of a text; an empty one has none. */
export const tokenise = (text: string): string[] => {
  let plain = text;
  if (NOT_ASCII.test(text)) {
    const whole = text.replace(/\p{Cs}/gu, "\ufffd").replace(TYPED_CHARACTERS, (typed) => TYPED[typed] ?? "");
    plain = whole.toLowerCase().replace(MARKS, fewerMarks).normalize("NFC");
  }
  plain = plain.toLowerCase();
  for (const [old, replacement] of BASIC_ENGLISH) plain = plain.replaceAll(old, replacement);
  return plain.split(SPACES).filter(Boolean);
};

/** A run of symbols with no more than 30 combining marks in a row. */
const fewerMarks = (run: string): string => {
  let marks = 0;
  let kept = "";
  for (const character of run) {
    marks = combines(character) ? marks + 1 : 0;
    if (marks <= MOST_MARKS) kept += character;
  }
  return kept;
};

const LAST_MARK = "\u0345";
const MADE_OF_MARKS = "\u0f73\u0f75\u0f81";
const known = new Map<string, boolean>();

/**
 * Whether a character has a combining class: normalising moves it before U+0345, which has the highest. Three signs are
 * made of such characters and have no class themselves.
 */
const combines = (character: string): boolean => {
  let found = known.get(character);
  if (found === undefined) {
    const moves = (LAST_MARK + character).normalize("NFD") !== LAST_MARK + character.normalize("NFD");
    found = character === LAST_MARK || (moves && !MADE_OF_MARKS.includes(character));
    known.set(character, found);
  }
  return found;
};

/** The entries of a vocabulary.txt by id. */
export const wordsFrom = (bytes: Uint8Array): string[] => {
  const lines = textOf(bytes).replace(/\n$/, "").split("\n");
  if (lines[UNKNOWN_ID] !== UNKNOWN || lines[PADDING_ID] !== PADDING) {
    throw new FormatError(`a vocabulary begins with the lines ${UNKNOWN} and ${PADDING}`);
  }
  if (new Set(lines).size !== lines.length) throw new FormatError("a vocabulary names each word once");
  return lines;
};

/** The ids of ordinary words; the two special entries cannot be typed. */
export const idsOf = (words: readonly string[]): ReadonlyMap<string, number> =>
  new Map(words.map((word, id): [string, number] => [word, id]).slice(PADDING_ID + 1));
