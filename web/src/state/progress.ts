// How far a visitor has come in the lesson. It is kept in this browser: no text, and of the answers only how many were
// right.

import { KEPT_PASS } from "./roomPass";

const KEY = "rnnviz-lesson";
const KEPT_FOR_THIS_TAB = ["rnnviz-place", "rnnviz-language", KEPT_PASS];

export interface Kept {
  /** The chapters whose question has been answered. */
  done: string[];
  /** The notes in the picture whose reader has done what they say. */
  understood: string[];
  /** How many of the questions before and after the lesson were right. */
  before?: number;
  after?: number;
}

const areNames = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((name) => typeof name === "string");
const isKept = (value: unknown): value is Kept => areNames(Object(value).done) && areNames(Object(value).understood);
const NOTHING: Kept = { done: [], understood: [] };

export class Progress {
  #kept = NOTHING;

  constructor() {
    try {
      const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
      if (isKept(found)) this.#kept = found;
    } catch {
      // a browser that keeps nothing still has the lesson
    }
  }

  get kept(): Readonly<Kept> {
    return this.#kept;
  }
  finish(name: string): void {
    if (!this.#kept.done.includes(name)) this.#keep({ ...this.#kept, done: [...this.#kept.done, name] });
  }
  understand(note: string): void {
    this.#keep({ ...this.#kept, understood: [...this.#kept.understood, note] });
  }
  score(when: "before" | "after", right: number): void {
    this.#keep({ ...this.#kept, [when]: right });
  }
  /** Take all that the page keeps out of this browser. */
  forget(): void {
    this.#kept = NOTHING;
    try {
      localStorage.removeItem(KEY);
      for (const kept of KEPT_FOR_THIS_TAB) sessionStorage.removeItem(kept);
    } catch {
      // nothing is kept
    }
  }

  #keep(kept: Kept): void {
    this.#kept = kept;
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // it lasts until the page is left
    }
  }
}
