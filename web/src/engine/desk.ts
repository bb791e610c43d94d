// Takes the page's messages to the engine and sends its answers. A training holds up everything else, so it has a worker of
// its own, which is ended from outside.

import type { Objection } from "../client/contract";
import { folderOf, unzipped, zipOf } from "./folders";
import { type LocalName, localServer } from "./localServer";
import { EngineError } from "./objection";
import { FetchedShelf, type NetworkSource, NotFetched, NotLoaded, type ShelfDescription } from "./shelf";
import { nameOf } from "./training/checkpointZip";
import type { Trained } from "./training/learning";
import type { Wanted } from "./training/offers";
import { type Message, messages } from "./training/trainers";
import { type WriteQuestion, Writers } from "./writers";

/** What the page says: which networks there are, what to load, what is new, and its questions; or what to train. */
export type ToEngine =
  | { shelf: ShelfDescription }
  | { add: string; source: NetworkSource }
  | { id: number; load: string }
  | { id: number; pack: Packing }
  | { train: Wanted }
  | { id: number; write: WriteQuestion }
  | { id: number; ask: LocalName; question: unknown };
/** A trained network as a folder or as a zip file; or a zip file as a folder. */
export type Packing = { folder: Trained } | { zip: Trained } | { unzip: Uint8Array };
type Numbered = Extract<ToEngine, { id: number }>;
/** What the engine says. A question about a network that is not loaded is answered with that network's name. */
export type FromEngine =
  | { id: number; reply: unknown }
  | { id: number; missing: string }
  | { id: number; refused: Objection }
  | { id: number; failed: "fetch" | "bug"; message: string }
  | { progress: string; share: number }
  | { training: Message };

class Desk {
  readonly #say: (message: FromEngine) => void;
  #shelf = new FetchedShelf({ networks: {}, words: {} }, () => {});
  #server = localServer(this.#shelf);
  readonly #writers = new Writers();

  constructor(say: (message: FromEngine) => void) {
    this.#say = say;
  }

  receive(message: ToEngine): void {
    if ("shelf" in message) this.#begin(message.shelf);
    else if ("add" in message) this.#add(message.add, message.source);
    else if ("train" in message) this.#train(message.train);
    else this.#answer(message);
  }

  #begin(shelf: ShelfDescription): void {
    this.#shelf = new FetchedShelf(shelf, (progress, share) => this.#say({ progress, share }));
    this.#server = localServer(this.#shelf);
  }
  #add(name: string, source: NetworkSource): void {
    this.#shelf.add(name, source);
    this.#server = localServer(this.#shelf); // the one before keeps what it has opened
  }
  #train(wanted: Wanted): void {
    for (const training of messages(wanted)) if (training) this.#say({ training });
  }
  async #answer(message: Numbered): Promise<void> {
    const { id } = message;
    try {
      this.#say({ id, reply: await this.#replyTo(message) });
    } catch (error) {
      this.#say(trouble(id, error));
    }
  }
  async #replyTo(message: Numbered): Promise<unknown> {
    if ("pack" in message) return packed(message.pack);
    if ("write" in message) return this.#writers.answer(await this.#shelf.open(message.write.model), message.write);
    if ("ask" in message) return (this.#server[message.ask] as (question: unknown) => unknown)(message.question);
    await this.#shelf.load(message.load);
    return null;
  }
}

const packed = (packing: Packing): unknown => {
  if ("unzip" in packing) return unzipped(packing.unzip);
  return "zip" in packing ? zipOf(packing.zip, nameOf(packing.zip)) : folderOf(packing.folder, nameOf(packing.folder));
};

const trouble = (id: number, error: unknown): FromEngine => {
  if (error instanceof NotLoaded) return { id, missing: error.network };
  if (error instanceof EngineError) return { id, refused: error.objection };
  const message = error instanceof Error ? error.message : String(error);
  return { id, failed: error instanceof NotFetched ? "fetch" : "bug", message };
};

/** Answers messages, each by another call of `say`. */
export const desk = (say: (message: FromEngine) => void): ((message: ToEngine) => void) => {
  const own = new Desk(say);
  return (message) => own.receive(message);
};
