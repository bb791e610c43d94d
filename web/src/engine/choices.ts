// What is said where somebody asks for a name that is not there: `unknown` of rnnviz/errors.py.

import { nearest } from "./difflib";
import { EngineError } from "./objection";
import { quoted } from "./pythonText";

/** Say what was asked for, what there is, and the nearest thing to it. */
export const unknownName = (kind: string, given: string, choices: readonly string[]): EngineError => {
  const near = nearest(given, choices);
  const hint = near === undefined ? "" : ` Did you mean ${quoted(near)}?`;
  return new EngineError("unknown_name", { kind, given, choices: choices.join(", "), hint });
};

/** A text as it can be sent back: no longer than this, in ASCII, all else as Python's escapes. */
export const asciiOf = (given: unknown, longest: number): string =>
  [...String(given)].map(escaped).join("").slice(0, longest);

const escaped = (character: string): string => {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return character;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits}`;
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
};
