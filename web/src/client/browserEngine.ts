// The engine as the page speaks to it: questions go to a worker, answers come back.

import type { FromEngine, ToEngine } from "../engine/desk";
import type { LocalName } from "../engine/localServer";
import type { NetworkSource, ShelfDescription } from "../engine/shelf";
import type { Objection } from "./contract";

/** An answer; or the network that is to be loaded first; or why it cannot be. */
export type Outcome = { reply: unknown } | { missing: string } | { refused: Objection };
/** A message as the page sends it; its number is given here. */
type Numbered = ToEngine extends infer Message ? (Message extends { id: number } ? Omit<Message, "id"> : never) : never;

interface Waiting {
  done(outcome: Outcome): void;
  failed(error: Error): void;
}
/** The way to the engine: sends, and says what comes back, or that nothing will come any more. */
export type Line = (hear: (message: FromEngine) => void, broken: (error: Error) => void) => (message: ToEngine) => void;

export class BrowserEngine {
  readonly #send: (message: ToEngine) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #loading = new Map<string, Promise<Outcome>>();
  readonly #loaded = new Set<string>();
  readonly #networks: Set<string>;
  #told: (name: string, share: number) => void = () => {};
  #broken: Error | null = null;
  #count = 0;

  constructor(line: Line, shelf: ShelfDescription) {
    this.#send = line(
      (message) => this.#hear(message),
      (error) => this.#break(error),
    );
    this.#networks = new Set(Object.keys(shelf.networks));
    this.#send({ shelf });
  }

  /** Say how much of a network has come, as it comes. */
  onProgress(told: (name: string, share: number) => void): void {
    this.#told = told;
  }
  has(name: string): boolean {
    return this.#networks.has(name);
  }
  isLoaded(name: string): boolean {
    return this.#loaded.has(name);
  }
  add(name: string, source: NetworkSource): void {
    this.#networks.add(name);
    this.#loaded.delete(name);
    this.#loading.delete(name);
    this.#send({ add: name, source });
  }

  ask(ask: LocalName, question: unknown): Promise<Outcome> {
    return this.#number({ ask, question });
  }
  /** Fetch and open a network; asked twice, it is fetched once. */
  load(name: string): Promise<Outcome> {
    const known = this.#loading.get(name);
    if (known) return known;
    const loading = this.#number({ load: name });
    this.#loading.set(name, loading);
    loading.then(
      (outcome) => "reply" in outcome && this.#loaded.add(name),
      () => this.#loading.delete(name), // so that it is tried again
    );
    return loading;
  }

  #number(message: Numbered): Promise<Outcome> {
    if (this.#broken) return Promise.reject(this.#broken);
    this.#count += 1;
    const id = this.#count;
    return new Promise((done, failed) => {
      this.#waiting.set(id, { done, failed });
      this.#send({ ...message, id });
    });
  }
  #break(error: Error): void {
    this.#broken = error;
    for (const { failed } of this.#waiting.values()) failed(error);
    this.#waiting.clear();
  }
  #hear(message: FromEngine): void {
    if ("progress" in message) {
      this.#told(message.progress, message.share);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("failed" in message) waiting?.failed(new Error(message.message));
    else waiting?.done(message);
  }
}
