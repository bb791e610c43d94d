// How often a network is right on texts set aside: `Scores` of rnnviz/experiments/evaluation.py.

import { batchOf } from "./batch";
import { answerAt } from "./loss";
import type { Passes } from "./passes";

/** Accuracy, precision and recall are shares, 0 to 1; the confusion matrix holds counts [true class, answer]. */
export interface Scores {
  accuracy: number;
  n: number;
  labels: readonly string[];
  precision: number[];
  recall: number[];
  confusion: number[][];
}

const TEXTS_AT_ONCE = 32;

/** Answers every text. */
export const evaluate = (
  passes: Passes,
  ids: readonly Int32Array[],
  labels: readonly number[],
  classes: readonly string[],
): Scores => {
  const confusion = classes.map(() => classes.map(() => 0));
  for (let start = 0; start < ids.length; start += TEXTS_AT_ONCE) {
    const texts = ids.slice(start, start + TEXTS_AT_ONCE);
    const logits = passes.forward(batchOf(texts));
    for (const place of texts.keys()) {
      confusion[labels[start + place]][answerAt(logits, place, classes.length)] += 1;
    }
  }
  const places = [...classes.keys()];
  const share = (place: number, counts: number[]) =>
    confusion[place][place] /
    Math.max(
      1,
      counts.reduce((sum, count) => sum + count),
    );
  const right = places.reduce((sum, place) => sum + confusion[place][place], 0);
  return {
    accuracy: right / Math.max(1, ids.length),
    n: ids.length,
    labels: classes,
    precision: places.map((place) =>
      share(
        place,
        confusion.map((row) => row[place]),
      ),
    ),
    recall: places.map((place) => share(place, confusion[place])),
    confusion,
  };
};
