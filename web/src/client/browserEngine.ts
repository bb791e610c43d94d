// The engine as the page speaks to it: questions go to a worker, answers come back.

import type { FromEngine, Packing, ToEngine } from "../engine/desk";
import type { LocalName } from "../engine/localServer";
import type { NetworkSource, ShelfDescription } from "../engine/shelf";
import type { WriteQuestion, WriteReply } from "../engine/writers";
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

/** What did not come is asked for again after so long, then after twice as long, and so on. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 300_000;

interface Loading {
  outcome: Promise<Outcome>;
  isLoaded: boolean;
  /** How often it has failed, and when it may be tried again. */
  failures: number;
  again: number;
}

export class BrowserEngine {
  #send: (message: ToEngine) => void = () => {};
  readonly #waiting = new Map<number, Waiting>();
  readonly #loading = new Map<string, Loading>();
  readonly #networks: Set<string>;
  readonly #own = new Set<string>();
  #told: (name: string, share: number) => void = () => {};
  #broken: Error | null = null;
  #count = 0;

  constructor(line: Line, shelf: ShelfDescription) {
    this.#networks = new Set(Object.keys(shelf.networks));
    try {
      this.#send = line(
        (message) => this.#hear(message),
        (error) => this.#break(error),
      );
      this.#send({ shelf });
    } catch (error) {
      this.#break(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Say how much of a network has come, as it comes. */
  onProgress(told: (name: string, share: number) => void): void {
    this.#told = told;
  }
  has(name: string): boolean {
    return this.#networks.has(name);
  }
  isLoaded(name: string): boolean {
    return this.#loading.get(name)?.isLoaded ?? false;
  }
  /** Put in a network of the visitor's own, of which nobody else knows. */
  addOwn(name: string, source: NetworkSource): void {
    this.#networks.add(name);
    this.#own.add(name);
    this.#send({ add: name, source });
  }
  isOwn(name: string): boolean {
    return this.#own.has(name);
  }

  /** Make a folder or a zip file of a network, or open a zip file. */
  pack(pack: Packing): Promise<Outcome> {
    return this.#number({ pack });
  }

  /** Have a network go on with a text; it is loaded first. */
  async write(write: WriteQuestion): Promise<WriteReply | Objection> {
    if (!this.has(write.model)) throw new Error(`no network ${write.model}`);
    const outcome = await this.#number({ write });
    if ("reply" in outcome) return outcome.reply as WriteReply;
    if ("refused" in outcome) return outcome.refused;
    const loaded = await this.load(outcome.missing, true);
    return "refused" in loaded ? loaded.refused : this.write(write);
  }

  ask(ask: LocalName, question: unknown): Promise<Outcome> {
    return this.#number({ ask, question });
  }
  /**
   * Fetch and open a network. Asked again, it is fetched once; what failed is tried again after a while.
   *
   * @param impatient - Try again at once what has failed, as where nobody else can answer.
   */
  load(name: string, impatient = false): Promise<Outcome> {
    const known = this.#loading.get(name);
    const hasFailed = known !== undefined && known.again < Number.POSITIVE_INFINITY;
    if (known && !(hasFailed && impatient) && performance.now() < known.again) return known.outcome;
    const failures = known?.failures ?? 0;
    const outcome = this.#number({ load: name });
    const loading: Loading = { outcome, isLoaded: false, failures, again: Number.POSITIVE_INFINITY };
    this.#loading.set(name, loading);
    const fail = () => {
      loading.failures = failures + 1;
      loading.again = performance.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
    };
    outcome.then((found) => {
      loading.isLoaded = "reply" in found;
      if (!loading.isLoaded) fail();
    }, fail);
    return outcome;
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
    if (!("id" in message)) return;
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if ("failed" in message) waiting?.failed(new Error(message.message));
    else waiting?.done(message);
  }
}
