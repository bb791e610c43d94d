// A network that tells the next token goes on with a text: rnnviz/experiments/writing.py. The recurrent state is carried
// from token to token, so that nothing is read twice.

import { type Held, type State, stateOf, stepOf } from "./cells";
import type { Checkpoint } from "./checkpoint";
import { draw, orderOf, sharesOf } from "./draw";
import { logits } from "./head";
import { heldStates, type WriteHold } from "./hold";
import type { Numbers } from "./matrix";
import { UNKNOWN_ID } from "./network";
import { Pcg32 } from "./pcg32";

/** So many of the tokens that could have come are kept for each place. */
const LIKELIEST = 5;

/** What is to be written; the same always gives the same text. */
export interface Writing {
  /** The beginning: at least one token. */
  start: string;
  /** From which written token on the random numbers come from which seed; the first is from 0. */
  seeds: readonly Seed[];
  /** 0 for the likeliest. */
  temperature: number;
  topK: number | null;
  /** What is held at every token, also while it reads the beginning. */
  holds: readonly WriteHold[];
}
export interface Seed {
  at: number;
  seed: number;
}

/** One token of the beginning, or one that was written. */
export interface Letter {
  token: string;
  /** That the network gave it, before temperature and top-k; null where it said nothing: at the first, and if unknown. */
  probability: number | null;
  /** The five likeliest tokens with these probabilities; none at the first. */
  likeliest: readonly (readonly [token: string, probability: number])[];
  /** The probability of all tokens that top-k left out. */
  cut: number;
  /** Whether on another machine another might have come. */
  close: boolean;
}

/** Which signal is told for every token. */
export interface Watched {
  signal: "hidden" | "cell";
  layer: number;
  unit: number;
}

export class Writer {
  readonly letters: Letter[] = [];
  /** Tokens of the beginning. */
  readonly start: number;
  readonly #checkpoint: Checkpoint;
  readonly #writing: Writing;
  readonly #ids: readonly number[];
  readonly #tokens: readonly string[];
  readonly #layers: LayerState[];
  #luck = new Pcg32(0);
  #logits: Float32Array = new Float32Array(0);

  /** EngineError says what cannot be held. */
  constructor(checkpoint: Checkpoint, writing: Writing) {
    this.#checkpoint = checkpoint;
    this.#writing = writing;
    this.#tokens = checkpoint.vocabulary.tokenise(writing.start);
    this.#ids = checkpoint.vocabulary.ids(this.#tokens);
    this.start = this.#ids.length;
    const held = heldStates(checkpoint.config, writing.holds);
    this.#layers = checkpoint.layers.map((_, layer) => new LayerState(stateOf(1, checkpoint, layer), held[layer]));
  }

  /** Read the beginning and write on until the text has so many tokens. */
  until(count: number): void {
    const missing = count - this.letters.length;
    if (missing <= 0) return;
    const { kernel, config, layers } = this.#checkpoint;
    const [units, stride] = [config.hidden_size, layers[0][0].bias.length];
    kernel.clear(2 * stride + 2 * units * layers.length, "doubles");
    const gates = kernel.doubles(stride);
    const sums = config.cell === "gru" ? kernel.doubles(stride) : gates;
    const states = this.#layers.map(({ state }) => ({
      hidden: copyInto(kernel.doubles(units), state.hidden),
      cell: copyInto(kernel.doubles(units), state.cell),
    }));
    for (let more = 0; more < missing; more += 1) this.#read(this.#next(), states, gates, sums);
    for (const [index, { state }] of this.#layers.entries()) {
      state.hidden.set(states[index].hidden);
      state.cell.set(states[index].cell.subarray(0, state.cell.length));
    }
  }

  /** What a unit held after each of some tokens. */
  values({ signal, layer, unit }: Watched, from: number, to: number): number[] {
    const rows = this.#layers[layer]?.[signal] ?? [];
    return rows.slice(from, to).map((row) => row[unit] ?? 0);
  }

  /** The next token: of the beginning, else drawn. */
  #next(): number {
    const place = this.letters.length;
    const isGiven = place < this.start;
    if (place === 0) {
      this.letters.push({ token: this.#tokens[0], probability: null, likeliest: [], cut: 0, close: false });
      return this.#ids[0];
    }
    const { words } = this.#checkpoint.vocabulary;
    const shares = sharesOf(this.#logits, 1);
    const { id, close, kept } = isGiven ? { id: this.#ids[place], close: false, kept: null } : this.#draw(place);
    this.letters.push({
      token: isGiven ? this.#tokens[place] : words[id],
      probability: id === UNKNOWN_ID ? null : shares[id],
      likeliest: orderOf(shares)
        .slice(0, LIKELIEST)
        .map((entry) => [words[entry], shares[entry]]),
      cut: kept ? Math.max(0, 1 - kept.reduce((sum, entry) => sum + shares[entry], 0)) : 0,
      close,
    });
    return id;
  }
  #draw(place: number): ReturnType<typeof draw> {
    const { seeds, temperature, topK } = this.#writing;
    const fresh = seeds.find(({ at }) => at === place - this.start);
    if (fresh) this.#luck = new Pcg32(fresh.seed);
    return draw(this.#logits, temperature, topK, this.#luck.share());
  }

  /** Take all layers a step on; the states lie in the kernel's memory. */
  #read(id: number, states: readonly State[], gates: Float64Array, sums: Float64Array): void {
    const { kernel, config, layers, words } = this.#checkpoint;
    const step = stepOf(config);
    for (const [index, [layer]] of layers.entries()) {
      const state = states[index];
      if (index === 0) gates.set(words.projected([id], 0));
      else {
        gates.set(layer.bias);
        kernel.addProduct(layer.inputs[0], states[index - 1].hidden, 0, 1, gates, 0);
      }
      if (sums !== gates) sums.set(layer.hiddenBias);
      kernel.addProduct(layer.hidden, state.hidden, 0, 1, sums, 0);
      step(config.hidden_size, gates, sums, 0, state, 0, this.#layers[index].held);
      this.#layers[index].keep(state);
    }
    this.#logits = Float32Array.from(
      logits(Float64Array.from(states[states.length - 1].hidden), this.#checkpoint.head),
    );
  }
}

/** One layer between two tokens, and what its units held after each. */
class LayerState {
  readonly state: State;
  readonly held: Held | null;
  readonly hidden: Float32Array[] = [];
  readonly cell: Float32Array[] = [];

  constructor(state: State, held: Held | null) {
    this.state = state;
    this.held = held;
  }
  keep({ hidden, cell }: State): void {
    this.hidden.push(Float32Array.from(hidden));
    if (this.state.cell.length) this.cell.push(Float32Array.from(cell));
  }
}

const copyInto = (target: Float64Array, source: Numbers): Float64Array => {
  target.set(source);
  return target;
};
