// Adam (Kingma and Ba 2015) as PyTorch computes it, cutting a gradient to a length, and the learning rate's course.

const [BETA_ONE, BETA_TWO, EPSILON] = [0.9, 0.999, 1e-8]; // PyTorch's

/** What Adam keeps of a network's parameters. */
export class Adam {
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  #steps = 0;

  constructor(size: number) {
    this.#first = new Float64Array(size);
    this.#second = new Float64Array(size);
  }

  /** Goes one step down a gradient. The weights stay float32, which is what is stored. */
  step(weights: Float64Array, gradient: Float64Array, rate: number): void {
    const [first, second] = [this.#first, this.#second];
    this.#steps += 1;
    const size = rate / (1 - BETA_ONE ** this.#steps);
    const root = Math.sqrt(1 - BETA_TWO ** this.#steps);
    for (let place = 0; place < weights.length; place += 1) {
      const slope = gradient[place];
      first[place] += (1 - BETA_ONE) * (slope - first[place]);
      second[place] += (1 - BETA_TWO) * (slope * slope - second[place]);
      const change = (size * first[place]) / (Math.sqrt(second[place]) / root + EPSILON);
      weights[place] = Math.fround(weights[place] - change);
    }
  }
}

/** Cuts a gradient to a length, as PyTorch's `clip_grad_norm_`; the length that it had. */
export const clip = (gradient: Float64Array, longest: number): number => {
  let squares = 0;
  for (let place = 0; place < gradient.length; place += 1) squares += gradient[place] * gradient[place];
  const length = Math.sqrt(squares);
  const share = longest / (length + 1e-6);
  if (share < 1) for (let place = 0; place < gradient.length; place += 1) gradient[place] *= share;
  return length;
};

/** Share of the peak learning rate: up in a straight line over the warm-up, then down to zero. */
export const rateShare = (step: number, warmup: number, steps: number): number =>
  Math.min((step + 1) / warmup, (steps - step) / Math.max(1, steps - warmup));
