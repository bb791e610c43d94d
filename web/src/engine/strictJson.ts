// JSON read as if a stranger had written it: UTF-8, no key twice, finite numbers, not nested too deeply.
// As rnnviz/untrusted/strict_json.py.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** What is wrong with a file, in English. */
export class FormatError extends Error {}

const DEEPEST = 500;
const MOST_DIGITS = 20;
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
const TEXT = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const CONTROL = /[^\P{Cc}\x7f-\x9f]/u;
const WORDS: readonly [string, Json][] = [
  ["null", null],
  ["true", true],
  ["false", false],
];

/** A text in UTF-8; a mark at its beginning is part of it. */
export const textOf = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError("it is not UTF-8");
  }
};

/** A JSON object; FormatError if it is something else. */
export const jsonObject = (bytes: Uint8Array): JsonObject => {
  const value = new Reader(textOf(bytes)).whole();
  if (!isObject(value)) throw new FormatError("it is no JSON object");
  return value;
};

/** A JSON array; FormatError if it is something else. */
export const jsonArray = (bytes: Uint8Array): Json[] => {
  const value = new Reader(textOf(bytes)).whole();
  if (!Array.isArray(value)) throw new FormatError("it is no JSON array");
  return value;
};

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  whole(): Json {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) throw this.wrong();
    return value;
  }

  private value(depth: number): Json {
    if (depth > DEEPEST) throw new FormatError("it is nested too deeply");
    this.space();
    const sign = this.text[this.at];
    if (sign === "{") return this.object(depth);
    if (sign === "[") return this.list(depth);
    if (sign === '"') return this.string();
    const word = WORDS.find(([written]) => this.text.startsWith(written, this.at));
    if (!word) return this.number();
    this.at += word[0].length;
    return word[1];
  }

  private object(depth: number): JsonObject {
    const entries = new Map<string, Json>();
    this.each("}", () => {
      const key = this.string();
      if (entries.has(key)) throw new FormatError("it names a key twice");
      this.space();
      this.take(":");
      entries.set(key, this.value(depth + 1));
    });
    return Object.fromEntries(entries);
  }

  private list(depth: number): Json[] {
    const values: Json[] = [];
    this.each("]", () => {
      values.push(this.value(depth + 1));
    });
    return values;
  }

  /** Parts with commas between them, up to a closing mark. */
  private each(end: string, part: () => void): void {
    this.at += 1;
    this.space();
    if (this.text[this.at] === end) {
      this.at += 1;
      return;
    }
    for (;;) {
      this.space();
      part();
      this.space();
      if (this.text[this.at] === end) break;
      this.take(",");
    }
    this.at += 1;
  }

  private string(): string {
    const written = this.match(TEXT);
    if (!written || CONTROL.test(written[0])) throw this.wrong();
    const text = written[0].includes("\\") ? (JSON.parse(written[0]) as string) : written[0].slice(1, -1);
    if (/\p{Cs}/u.test(text)) throw new FormatError("it holds half a character (a lone surrogate)");
    return text;
  }

  private number(): number {
    const written = this.match(NUMBER);
    if (!written) throw this.wrong();
    const [digits, fraction, exponent] = written;
    const count = digits.replace("-", "").length;
    if (fraction === undefined && exponent === undefined && count > MOST_DIGITS) {
      throw new FormatError(`a whole number of ${count} digits is too large`);
    }
    const value = Number(digits);
    if (!Number.isFinite(value)) throw new FormatError(`${digits.slice(0, MOST_DIGITS)} is too large a number`);
    return value;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  private space(): void {
    this.match(SPACE);
  }

  private take(sign: string): void {
    if (this.text[this.at] !== sign) throw this.wrong();
    this.at += 1;
  }

  private wrong(): FormatError {
    return new FormatError(`it is no JSON at character ${this.at}`);
  }
}
