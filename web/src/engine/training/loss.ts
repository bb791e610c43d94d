// Cross entropy, the mean over a batch, and its gradient by the logits.

export interface Loss {
  /** The mean, and how many texts were answered rightly. */
  mean: number;
  right: number;
}

/** The class with the largest logit, the first of several. */
export const answerAt = (logits: Float64Array, text: number, classes: number): number => {
  let best = 0;
  for (let place = 1; place < classes; place += 1) {
    if (logits[text * classes + place] > logits[text * classes + best]) best = place;
  }
  return best;
};

/** Probabilities from the logits from `start`, written to `out`; the logarithm of the sum of their exponentials. */
export const softmax = (out: Float64Array, logits: Float64Array, start: number, classes: number): number => {
  let largest = logits[start];
  for (let place = 1; place < classes; place += 1) largest = Math.max(largest, logits[start + place]);
  let sum = 0;
  for (let place = 0; place < classes; place += 1) {
    out[start + place] = Math.exp(logits[start + place] - largest);
    sum += out[start + place];
  }
  for (let place = 0; place < classes; place += 1) out[start + place] /= sum;
  return largest + Math.log(sum);
};

/**
 * The loss of a batch.
 *
 * @param slopes Takes ∂ loss / ∂ logits [text, class].
 * @param labels The class of each text.
 */
export const crossEntropy = (slopes: Float64Array, logits: Float64Array, labels: ArrayLike<number>): Loss => {
  const texts = labels.length;
  const classes = logits.length / texts;
  let [sum, right] = [0, 0];
  for (let text = 0; text < texts; text += 1) {
    const start = text * classes;
    sum += softmax(slopes, logits, start, classes) - logits[start + labels[text]];
    slopes[start + labels[text]] -= 1;
    for (let place = 0; place < classes; place += 1) slopes[start + place] /= texts;
    right += answerAt(logits, text, classes) === labels[text] ? 1 : 0;
  }
  return { mean: sum / texts, right };
};
