import type { Chip, Language } from "../client/types";

/** The example that is written in a language, if a network here reads it. */
export const ownExample = (chips: readonly Chip[] | undefined, language: Language): Chip | undefined =>
  chips?.find(({ title, lang }) => title !== undefined && lang === language);
