// Answers as short codes, where no server counts them: a student reads a code out or sends it, and the teacher's page
// counts those that are pasted. A code says which answer it is and to which question, and nothing else.

/** None of them looks like another one. */
const SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH = 6;
const HALF = 0x7fff; // three signs: 15 bits

/** FNV-1a, as far as three signs hold it. */
const check = (text: string): number => {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash ^ (hash >>> 15)) & HALF;
};
const signs = (bits: number): string => [10, 5, 0].map((shift) => SIGNS[(bits >> shift) & 31]).join("");
const bitsOf = (text: string): number => [...text].reduce((bits, sign) => (bits << 5) | SIGNS.indexOf(sign), 0);

/** The code of an answer, a number from 0 to 32,767, to a question, which is any text. */
export const codeOf = (choice: number, question: string): string =>
  signs(choice ^ check(question)) + signs(check(`${question}\n${choice}`));

/** The answer of a code; null where it is no code of this question. */
const choiceOf = (code: string, question: string): number | null => {
  const choice = bitsOf(code.slice(0, LENGTH / 2)) ^ check(question);
  return codeOf(choice, question) === code ? choice : null;
};

/** How often each answer stands in a text of codes, and how many of its words look like codes and are none. */
export const countCodes = (text: string, question: string): { given: Map<number, number>; strange: number } => {
  const given = new Map<number, number>();
  let strange = 0;
  for (const code of text.toUpperCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    if (code.length !== LENGTH || [...code].some((sign) => !SIGNS.includes(sign))) continue;
    const choice = choiceOf(code, question);
    if (choice === null) strange += 1;
    else given.set(choice, (given.get(choice) ?? 0) + 1);
  }
  return { given, strange };
};
