// The page's language: sentences with their places filled in, numbers and plurals as that language writes them.

import type { Dictionary, Entry, Language, Values } from "../client/types";
import { all } from "../ui/dom";

// Browsers have no Nepali numbers; they are written like Hindi's, in Nepali's own digits.
const NUMBERS_OF_LANGUAGES: Partial<Record<string, string>> = { ne: "hi-u-nu-deva" };
export const NAMES_OF_LANGUAGES: Readonly<Record<Language, string>> = {
  en: "English",
  hi: "हिन्दी",
  te: "తెలుగు",
  el: "Ελληνικά",
  ne: "नेपाली",
};
/** Whether the page speaks a language, of which the code may come from a link. */
export const isLanguage = (code: string | null | undefined): code is Language =>
  Boolean(code && Object.hasOwn(NAMES_OF_LANGUAGES, code));

type Form = Intl.NumberFormatOptions;

export interface Speaker {
  /** Speak another language from now on. */
  use(dictionary: Dictionary, language: Language): void;
  /** A sentence of the dictionary, its {places} filled in. Its form, where it has several, is chosen by `count`. */
  say(key: string, values?: Values): string;
  has(key: string): boolean;
  /** Say the sentences whose names begin so in place of the plain ones, where there are such; whether that is new. */
  prefer(beginnings: readonly string[]): boolean;
  /** Some words as a list with commas. */
  list(words: string[]): string;
  written(value: number, form: Form): string;
  count(value: number): string;
  signed(value: number, digits?: number): string;
  share(value: number, form?: Form): string;
  /** A very small number, as 1.8 × 10⁻⁷. */
  small(value: number): string;
  /** Fill in all elements that name a sentence: as their text, their label or their placeholder. */
  translate(root: HTMLElement): void;
  language(): Language;
  dictionary(): Dictionary;
}

// An exponent, as ⁻⁷: Unicode has no other raised digits than these.
const raised = (exponent: number) =>
  [...String(exponent)].map((sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]).join("");

const numbersOf = (language: string) => {
  const formats = new Map<string, Intl.NumberFormat>();
  return (value: number, form: Form): string => {
    const key = JSON.stringify(form);
    let format = formats.get(key);
    if (!format) {
      format = new Intl.NumberFormat(NUMBERS_OF_LANGUAGES[language] ?? language, form);
      formats.set(key, format);
    }
    return format.format(value).replace(/\s/g, "\u00a0");
  };
};

/** Fill the places of a sentence. What is filled in only ever becomes text. */
const filled = (sentence: string, values: Values, write: (value: number) => string): string =>
  sentence.replace(/\{(\w+)\}/g, (place: string, name: string) => {
    if (!(name in values)) return place;
    const value = values[name];
    return typeof value === "number" ? write(value) : String(value);
  });

/** A language, and what the browser knows of it. */
interface Tongue {
  dictionary: Dictionary;
  language: Language;
  plural: Intl.PluralRules;
  names: Intl.ListFormat;
  written: Speaker["written"];
}
const tongueOf = (dictionary: Dictionary, language: Language): Tongue => ({
  dictionary,
  language,
  plural: new Intl.PluralRules(language),
  names: new Intl.ListFormat(language, { type: "unit", style: "short" }), // with commas alone
  written: numbersOf(language),
});

class DictionarySpeaker implements Speaker {
  private tongue: Tongue;
  private preferred: readonly string[] = [];

  constructor(dictionary: Dictionary, language: Language) {
    this.tongue = tongueOf(dictionary, language);
  }

  use(dictionary: Dictionary, language: Language): void {
    this.tongue = tongueOf(dictionary, language);
  }
  language(): Language {
    return this.tongue.language;
  }
  dictionary(): Dictionary {
    return this.tongue.dictionary;
  }

  // --- sentences -----------------------------------------------------------------------------------------------------

  say(key: string, values: Values = {}): string {
    const { dictionary } = this.tongue;
    const found = this.preferred.map((beginning) => beginning + key).find((name) => name in dictionary) ?? key;
    const sentence = found in dictionary ? this.formOf(dictionary[found], values) : undefined;
    return typeof sentence === "string" ? filled(sentence, values, (value) => this.number(value)) : key;
  }
  has(key: string): boolean {
    return key in this.tongue.dictionary;
  }
  prefer(beginnings: readonly string[]): boolean {
    const isNew = beginnings.join() !== this.preferred.join();
    this.preferred = beginnings;
    return isNew;
  }
  list(words: string[]): string {
    return this.tongue.names.format(words);
  }
  /** Put the sentences into all elements that name one, as their text, their label or their hint. */
  translate(root: HTMLElement): void {
    for (const node of all(root, "[data-say]")) node.textContent = this.say(node.dataset.say ?? "");
    for (const node of all(root, "[data-say-label]")) {
      node.setAttribute("aria-label", this.say(node.dataset.sayLabel ?? ""));
    }
    for (const node of all(root, "[data-say-hint]")) {
      node.setAttribute("placeholder", this.say(node.dataset.sayHint ?? ""));
    }
    root.lang = this.tongue.language;
  }
  private formOf(entry: Entry, values: Values): string {
    return typeof entry === "string" ? entry : (entry[this.tongue.plural.select(Number(values.count))] ?? entry.other);
  }

  // --- numbers -------------------------------------------------------------------------------------------------------

  written(value: number, form: Intl.NumberFormatOptions = {}): string {
    return this.tongue.written(value, form);
  }
  count(value: number): string {
    return this.written(value, { maximumFractionDigits: 0 });
  }
  signed(value: number, digits = 2): string {
    const size = this.written(Math.abs(value), { minimumFractionDigits: digits, maximumFractionDigits: digits });
    return value <= -0.5 / 10 ** digits ? `−${size}` : size; // never "−0.00"
  }
  share(value: number, form: Intl.NumberFormatOptions = { maximumFractionDigits: 0 }): string {
    return this.written(value, { style: "percent", ...form });
  }
  small(value: number): string {
    if (value === 0) return this.count(0);
    const power = Math.floor(Math.log10(Math.abs(value)));
    const mantissa = this.written(value / 10 ** power, { maximumFractionDigits: 1 });
    return `${mantissa}\u00a0×\u00a0${this.count(10)}${raised(power)}`;
  }
  private number(value: number): string {
    return Number.isInteger(value) ? this.count(value) : this.written(value, { maximumSignificantDigits: 4 });
  }
}

export const speaker = (dictionary: Dictionary, language: Language): Speaker =>
  new DictionarySpeaker(dictionary, language);
