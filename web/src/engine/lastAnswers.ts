// What a network that reads both ways answered lately had a text ended at each word. A beginning that comes again, as at
// every key, has the answers that it had.

const MOST_TEXTS = 8;

interface Answered {
  ids: readonly number[];
  /** [token, label] */
  verdicts: Float32Array;
}

const isSame = (one: readonly number[], other: readonly number[]): boolean =>
  one.length === other.length && one.every((id, t) => id === other[t]);

export class LastAnswers {
  #texts: Answered[] = [];

  /** Keep the answers of a text of which nothing was held. */
  keep(ids: readonly number[], verdicts: Float32Array): void {
    const others = this.#texts.filter((text) => !isSame(text.ids, ids));
    this.#texts = [{ ids: [...ids], verdicts: verdicts.slice() }, ...others].slice(0, MOST_TEXTS);
  }

  /** Copy what is known of the beginnings of a text to `verdicts` [token, label]; how many words these are. */
  copy(ids: readonly number[], verdicts: Float32Array, labels: number): number {
    let [words, found]: [number, Answered | null] = [0, null];
    for (const text of this.#texts) {
      const same = ids.findIndex((id, t) => id !== text.ids[t]);
      const common = same < 0 ? ids.length : same;
      if (common > words) [words, found] = [common, text];
    }
    if (found) verdicts.set(found.verdicts.subarray(0, words * labels));
    return words;
  }
}
