// Why nothing is trained: the key of a sentence, what fills it, and the sentence in English, as in rnnviz/errors.py.

import type { Objection } from "../../client/contract";

const MESSAGES = {
  unknown_name: "There is no {kind} {given!r}; choose one of {choices}.{hint}",
  text_long: "This text has {length:,} tokens; at most {limit:,} are read at once.\nRead it in parts.",
  upload_lost: "The file did not arrive whole, or the server no longer has it.\nChoose it again.",
  training_nan:
    "The loss stopped being a number in epoch {epoch}, step {step}.\n" +
    "Begin again with a learning rate below {rate:g}, for example {advice:g}.",
  training_range: "{setting} must be a number from {low:g} to {high:g}.\nChoose one between them.",
  training_line: "{waiting} trainings are already waiting in the queue.\nTry again in a minute.",
  training_gone:
    "The server no longer has this training: nobody asked for it for {seconds:g} seconds.\nStart it once more.",
  training_broke: "The training stopped because of a bug in rnnviz.\nStart it once more, or with other settings.",
};

type Values = Objection["values"];

export class TrainingError extends Error {
  readonly objection: Objection;

  constructor(key: keyof typeof MESSAGES, values: Values = {}) {
    const message = MESSAGES[key].replace(/\{(\w+)([^}]*)\}/g, (_, name: string, form: string) => {
      return written(values[name], form);
    });
    super(message);
    this.objection = { error: key, values, message };
  }
}

export const unknownName = (kind: string, given: string, names: readonly string[]): TrainingError => {
  const plain = given.replace(/[^\0-\x7f]/gu, "?").slice(0, 40);
  return new TrainingError("unknown_name", { kind, given: plain, choices: names.join(", "), hint: "" });
};

const written = (value: Values[string], form: string): string => {
  if (form === "!r") return `'${value}'`;
  if (form === ":g" && typeof value === "number") return general(value);
  return String(value);
};

/** A number as Python's ":g" writes it: six digits that count, and an exponent where it is very small or large. */
const general = (value: number): string => {
  const digits = Number(value.toPrecision(6));
  if (digits === 0 || (Math.abs(digits) >= 1e-4 && Math.abs(digits) < 1e6)) return String(digits);
  const [mantissa, exponent] = digits.toExponential().split("e");
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
};
