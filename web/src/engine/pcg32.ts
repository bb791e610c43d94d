// PCG32: the one generator of random numbers that Python and the browser share: rnnviz/experiments/pcg32.py.

const MULTIPLIER = 6364136223846793005n;
const INCREMENT = (54n << 1n) | 1n;

/** PCG-XSH-RR with 64 bits of state (O'Neill 2014). */
export class Pcg32 {
  #state = 0n;

  /** @param seed - From 0 to 2**32 - 1. */
  constructor(seed: number) {
    this.whole();
    this.#state = BigInt.asUintN(64, this.#state + BigInt(seed));
    this.whole();
  }

  /** The next whole number, 0 to 2**32 - 1. */
  whole(): number {
    const before = this.#state;
    this.#state = BigInt.asUintN(64, before * MULTIPLIER + INCREMENT);
    const shifted = Number(BigInt.asUintN(32, ((before >> 18n) ^ before) >> 27n));
    const turn = Number(before >> 59n);
    return ((shifted >>> turn) | (shifted << (-turn & 31))) >>> 0;
  }

  /** The next number from 0 to just below 1. */
  share(): number {
    return this.whole() / 2 ** 32;
  }
}
