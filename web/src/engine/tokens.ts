// From a person's text to tokens and ids, token for token as rnnviz/data/text.py: words, those of torchtext's
// `basic_english` after a few repairs, or letters, the text's code points.
//
// Of all that JavaScript knows of characters only white space differs from Python's; a test asks every code point.

import { PADDING_ID, UNKNOWN_ID } from "./network";
import { FormatError, jsonArray, textOf } from "./strictJson";

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

const BLANK = new RegExp(`^[${SPACE}]*$`);
/** Whether a text is white space alone, or nothing. */
export const isBlank = (text: string): boolean => BLANK.test(text);

/** What a text is split into. */
export type Tokens = "words" | "letters";

/** The words of a text; an empty one has none. */
export const tokenise = (text: string): string[] => {
  let plain = text;
  if (NOT_ASCII.test(text)) {
    plain = composed(
      whole(text)
        .replace(TYPED_CHARACTERS, (typed) => TYPED[typed] ?? "")
        .toLowerCase(),
    );
  }
  plain = plain.toLowerCase();
  for (const [old, replacement] of BASIC_ENGLISH) plain = plain.replaceAll(old, replacement);
  return plain.split(SPACES).filter(Boolean);
};

/** The letters of a text: the code points of its composed form, spaces and line feeds included. */
export const letters = (text: string): string[] => [...(NOT_ASCII.test(text) ? composed(whole(text)) : text)];

/** A text without half a surrogate pair. */
const whole = (text: string): string => text.replace(/\p{Cs}/gu, "\ufffd");

const composed = (text: string): string => text.replace(MARKS, fewerMarks).normalize("NFC");

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

const SPLITTERS: Record<Tokens, (text: string) => string[]> = { words: tokenise, letters };
const BETWEEN: Record<Tokens, string> = { words: " ", letters: "" };

/** The entries of a vocabulary.txt, or of the vocabulary.json of letters, by id. */
export const entriesFrom = (bytes: Uint8Array, tokens: Tokens): string[] => {
  const entries = tokens === "letters" ? lettersFrom(bytes) : textOf(bytes).replace(/\n$/, "").split("\n");
  if (entries[UNKNOWN_ID] !== UNKNOWN || entries[PADDING_ID] !== PADDING) {
    const kind = tokens === "letters" ? "entries" : "lines";
    throw new FormatError(`a vocabulary begins with the ${kind} ${UNKNOWN} and ${PADDING}`);
  }
  if (new Set(entries).size !== entries.length) throw new FormatError("a vocabulary names each token once");
  return entries;
};

const lettersFrom = (bytes: Uint8Array): string[] => {
  const entries = jsonArray(bytes);
  const ordinary = entries.slice(PADDING_ID + 1);
  const isText = (entry: unknown): entry is string => typeof entry === "string";
  if (!entries.every(isText) || ordinary.some((one) => [...String(one)].length !== 1)) {
    throw new FormatError("a vocabulary of letters is an array of strings, each of one letter");
  }
  return entries;
};

/** Tokens and their ids; the two special entries cannot be typed. */
export class Vocabulary {
  /** All entries by id, the two special ones first. */
  readonly words: readonly string[];
  readonly tokens: Tokens;
  readonly #ids: ReadonlyMap<string, number>;

  constructor(words: readonly string[], tokens: Tokens = "words") {
    this.words = words;
    this.tokens = tokens;
    this.#ids = new Map(words.map((word, id): [string, number] => [word, id]).slice(PADDING_ID + 1));
  }

  /** Split a text into this vocabulary's kind of tokens, known or not. */
  tokenise(text: string): string[] {
    return SPLITTERS[this.tokens](text);
  }

  /** A text that is split into these tokens again. */
  joined(tokens: readonly string[]): string {
    return tokens.join(BETWEEN[this.tokens]);
  }

  ids(tokens: readonly string[]): number[] {
    return tokens.map((token) => this.#ids.get(token) ?? UNKNOWN_ID);
  }
}
