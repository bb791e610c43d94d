// Texts of several lengths side by side, laid out as PyTorch packs them: longest first, all first tokens, then all second
// ones, and so on. A text that has ended takes no more rows, so the texts that are left are always the first ones.

/** A batch of texts. "Row" numbers a token: row = offsets[step] + place of the text. */
export interface Batch {
  /** The text at each place, longest first. */
  order: Int32Array;
  /** Tokens of the text at each place. */
  lengths: Int32Array;
  /** How many texts have a token at each step, and the row of the first. */
  sizes: Int32Array;
  offsets: Int32Array;
  rows: number;
  /** The embedding rows that are read, each once; and for each row of the batch, its place in that list. */
  words: Int32Array;
  slots: Int32Array;
  /** For each row, the row of the same text that is as far from its end as this one is from its beginning. */
  mirrored: Int32Array;
}

/**
 * Lays texts out.
 *
 * @param texts The ids of each text, at least one.
 * @param apart Whether each token gets an embedding row of its own, for a gradient of its own.
 */
export const batchOf = (texts: readonly ArrayLike<number>[], apart = false): Batch => {
  const order = Int32Array.from(texts.keys()).sort((one, other) => texts[other].length - texts[one].length);
  const lengths = order.map((text) => texts[text].length);
  const sizes = new Int32Array(lengths[0]);
  for (const length of lengths) for (let step = 0; step < length; step += 1) sizes[step] += 1;
  const offsets = new Int32Array(sizes.length);
  for (let step = 1; step < sizes.length; step += 1) offsets[step] = offsets[step - 1] + sizes[step - 1];
  const rows = lengths.reduce((sum, length) => sum + length, 0);
  const mirrored = new Int32Array(rows);
  const slots = new Int32Array(rows);
  const table = new WordSlots(apart);
  for (const [place, text] of order.entries()) {
    for (let step = 0; step < lengths[place]; step += 1) {
      const row = offsets[step] + place;
      mirrored[row] = offsets[lengths[place] - 1 - step] + place;
      slots[row] = table.slotOf(texts[text][step]);
    }
  }
  return { order, lengths, sizes, offsets, rows, words: Int32Array.from(table.words), slots, mirrored };
};

/** Which embedding rows a batch reads: one for each word, or for each token where they are kept apart. */
class WordSlots {
  readonly words: number[] = [];
  readonly #known = new Map<number, number>();
  readonly #apart: boolean;

  constructor(apart: boolean) {
    this.#apart = apart;
  }

  slotOf(word: number): number {
    const known = this.#apart ? undefined : this.#known.get(word);
    if (known !== undefined) return known;
    this.#known.set(word, this.words.length);
    return this.words.push(word) - 1;
  }
}

/** Texts filled up to the longest with a word, as a network meets them that reads padded. */
export const filled = (texts: readonly ArrayLike<number>[], word: number): Int32Array[] => {
  const longest = texts.reduce((most, text) => Math.max(most, text.length), 0);
  return texts.map((text) => {
    const row = new Int32Array(longest).fill(word);
    row.set(text);
    return row;
  });
};
