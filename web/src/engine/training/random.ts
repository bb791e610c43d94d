// Random numbers from a seed: the same seed gives the same texts, first weights and order of batches in every browser.
//
// The generator is sfc32 (Doty-Humphrey, PractRand), fed by splitmix32. None of it guards a secret.

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #count = 1;

  /** `stream` tells apart what is drawn from one seed for several purposes. */
  constructor(seed: number, stream = 0) {
    let state = (seed ^ Math.imul(stream + 1, 0x9e3779b1)) | 0;
    const next = () => {
      state = (state + 0x9e3779b9) | 0;
      let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return mixed ^ (mixed >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    for (let round = 0; round < 12; round += 1) this.#bits();
  }

  #bits(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** From 0 up to, but not, 1, in steps of 2^-53. */
  share(): number {
    return ((this.#bits() >>> 5) * 0x4000000 + (this.#bits() >>> 6)) / 2 ** 53;
  }

  /** A whole number from 0 up to, but not, a limit. */
  below(limit: number): number {
    return Math.floor(this.share() * limit);
  }

  choice<One>(list: readonly One[]): One {
    return list[this.below(list.length)];
  }

  uniform(low: number, high: number): number {
    return low + (high - low) * this.share();
  }

  /** Mean 0, standard deviation 1 (Box and Muller 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.share())) * Math.cos(2 * Math.PI * this.share());
  }

  /** The numbers below `count` in random order (Fisher and Yates). */
  permutation(count: number): Int32Array {
    const order = Int32Array.from({ length: count }, (_, place) => place);
    for (let place = count - 1; place > 0; place -= 1) {
      const other = this.below(place + 1);
      [order[place], order[other]] = [order[other], order[place]];
    }
    return order;
  }
}
