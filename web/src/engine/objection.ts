// Why there is no answer, as rnnviz/errors.py has it: a key, what fills its sentence, and the sentence in English.

import type { Objection } from "../client/contract";
import { MESSAGES, type MessageKey } from "./messages";
import { general, grouped, quoted } from "./pythonText";

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
