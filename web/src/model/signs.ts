// What a reader sees as one sign may be several letters for a network: a base and the marks on it.

/** The first letter of a sign, and the one after its last. */
export type Sign = readonly [from: number, to: number];

const segmenter = "Segmenter" in Intl ? new Intl.Segmenter("und", { granularity: "grapheme" }) : null;

/** The signs that some letters make up; every letter for itself in a browser that cannot tell. */
export const signsOf = (letters: readonly string[]): Sign[] => {
  if (!segmenter) return letters.map((_, t) => [t, t + 1]);
  const signs: Sign[] = [];
  let [to, end, at] = [0, 0, 0];
  for (const { segment } of segmenter.segment(letters.join(""))) {
    const from = to;
    at += segment.length;
    for (; end < at; to += 1) end += letters[to].length;
    if (to > from) signs.push([from, to]);
  }
  return signs;
};

/** Whether a letter is written onto the one before, as a vowel sign is. */
export const joins = (before: string, letter: string): boolean =>
  letter > "\u02ff" && signsOf([before, letter]).length === 1;
