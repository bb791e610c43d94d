// How far a visitor has come in the lesson. It is kept in this browser: no text, and of the answers only how many were
// right.

const KEY = "rnnviz-lesson";

export interface Kept {
  /** The chapters whose question has been answered. */
  done: string[];
  /** How many of the questions before and after the lesson were right. */
  before?: number;
  after?: number;
}

const isKept = (value: unknown): value is Kept =>
  Array.isArray(Object(value).done) && Object(value).done.every((name: unknown) => typeof name === "string");

export class Progress {
  #kept: Kept = { done: [] };

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
  score(when: "before" | "after", right: number): void {
    this.#keep({ ...this.#kept, [when]: right });
  }
  /** Take all that the page keeps out of this browser. */
  forget(): void {
    this.#kept = { done: [] };
    try {
      localStorage.removeItem(KEY);
      sessionStorage.clear();
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
