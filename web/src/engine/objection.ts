// Why there is no answer, as rnnviz/errors.py has it: a key, what fills its sentence, and the sentence in English.

import type { Objection } from "../client/contract";
import { MESSAGES, type MessageKey } from "./messages";

type Value = Objection["values"][string];

export class EngineError extends Error {
  readonly key: MessageKey;
  readonly values: Record<string, Value>;

  constructor(key: MessageKey, values: Record<string, Value> = {}) {
    super(filled(MESSAGES[key], values));
    this.name = "EngineError";
    this.key = key;
    this.values = values;
  }

  /** As the page is told. */
  get objection(): Objection {
    return { error: this.key, values: this.values, message: this.message };
  }
}

/** A sentence with Python's places in it: {name}, {name!r}, {name:,}, {name:g} and {name:+.2f}. */
const filled = (sentence: string, values: Record<string, Value>): string =>
  sentence.replace(/\{(\w+)(!r|:[^}]*)?\}/g, (_place, name: string, form = "") => written(values[name], form));

const written = (value: Value, form: string): string => {
  if (form === "!r") return quoted(String(value));
  if (typeof value !== "number") return String(value);
  if (form === ":,") return grouped(value);
  if (form === ":g") return general(value, 6);
  if (form === ":+.2f") return (value < 0 ? "" : "+") + value.toFixed(2);
  return String(value);
};

/** A text as Python's `repr` writes it, as far as names of networks need it. */
export const quoted = (text: string): string => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + text.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`) + mark;
};

/** A whole number as Python's `{:,}` writes it. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** A number as Python's `{:.Ng}` writes it: so many digits that count, no zeros at the end. */
export const general = (value: number, digits: number): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < digits) return withoutZeros(value.toFixed(digits - 1 - exponent));
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${withoutZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
};

const withoutZeros = (digits: string): string => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);
