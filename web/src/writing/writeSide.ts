// One of the texts of the view Write: asks the engine for its letters, some at a time, as far as they are wanted.

import type { BrowserEngine } from "../client/browserEngine";
import type { Objection } from "../client/contract";
import type { Letter, Watched, Writing } from "../engine/write";

export class WriteSide {
  letters: Letter[] = [];
  /** What the watched unit held after each letter; empty where none is watched. */
  values: number[] = [];
  /** Letters of the beginning, once the engine has told. */
  start = 0;
  objection: Objection | "away" | null = null;
  readonly #engine: BrowserEngine;
  readonly #changed: () => void;
  #model = "";
  #writing: Writing | null = null;
  #watched: Watched | null = null;
  #to = 0;
  /** Grows when letters are to be drawn anew. */
  version = 0;
  #isAsking = false;

  constructor(engine: BrowserEngine, changed: () => void) {
    this.#engine = engine;
    this.#changed = changed;
  }

  /** Write this from now on, or nothing. What is there of another text goes. */
  set(model: string, writing: Writing | null, watched: Watched | null): void {
    const [now, before] = [JSON.stringify([model, writing]), JSON.stringify([this.#model, this.#writing])];
    if (now !== before) {
      this.version += 1;
      this.#model = model;
      this.#writing = writing;
      this.letters = [];
      this.values = [];
      this.start = 0;
      this.objection = null;
    }
    if (JSON.stringify(watched) !== JSON.stringify(this.#watched)) {
      this.version += 1;
      this.#watched = watched;
      this.values = [];
    }
  }
  /** Have so many letters of the whole text made; the beginning is always read. */
  want(to: number): void {
    this.#to = to;
    this.#ask();
  }

  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    while (await this.#part()) this.#changed();
    this.#isAsking = false;
  }
  /** How many letters are whole: with what the watched unit held. */
  #made(): number {
    return this.#watched ? Math.min(this.letters.length, this.values.length) : this.letters.length;
  }
  /** Ask for the next part; whether anything has changed. */
  async #part(): Promise<boolean> {
    const [version, model, writing, watched] = [this.version, this.#model, this.#writing, this.#watched];
    const from = this.#made();
    if (!writing || this.objection || from >= this.#to) return false;
    const reply = await this.#engine.write({ model, writing, from, to: this.#to, watched }).catch(() => null);
    if (version !== this.version) return true; // something else is wanted by now
    if (reply === null || "error" in reply) {
      this.objection = reply ?? "away";
      return true;
    }
    this.start = reply.start;
    for (const [n, letter] of reply.letters.entries()) this.letters[from + n] = letter;
    for (const [n, value] of reply.values.entries()) this.values[from + n] = value;
    return this.#made() > from; // else the text is as long as it gets
  }
}
