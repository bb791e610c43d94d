// Takes the page's messages to the engine and sends its answers; runs in a worker, or in the page where there is none.

import type { Objection } from "../client/contract";
import { type LocalName, type LocalServer, localServer } from "./localServer";
import { EngineError } from "./objection";
import { FetchedShelf, type NetworkSource, NotFetched, NotLoaded, type ShelfDescription } from "./shelf";

/** What the page says: first which networks there are; then what to load, what is new, and its questions. */
export type ToEngine =
  | { shelf: ShelfDescription }
  | { add: string; source: NetworkSource }
  | { id: number; load: string }
  | { id: number; ask: LocalName; question: unknown };
/** What the engine says. A question about a network that is not loaded is answered with that network's name. */
export type FromEngine =
  | { id: number; reply: unknown }
  | { id: number; missing: string }
  | { id: number; refused: Objection }
  | { id: number; failed: "fetch" | "bug"; message: string }
  | { progress: string; share: number };

/** Answers messages, each by another call of `say`. */
export const desk = (say: (message: FromEngine) => void): ((message: ToEngine) => void) => {
  let shelf = new FetchedShelf({ networks: {}, words: {} }, () => {});
  let server: LocalServer = localServer(shelf);

  const answer = async (id: number, work: () => Promise<unknown>) => {
    try {
      say({ id, reply: await work() });
    } catch (error) {
      say(trouble(id, error));
    }
  };
  return (message) => {
    if ("shelf" in message) {
      shelf = new FetchedShelf(message.shelf, (progress, share) => say({ progress, share }));
      server = localServer(shelf);
    } else if ("add" in message) shelf.add(message.add, message.source);
    else if ("load" in message) answer(message.id, () => shelf.load(message.load).then(() => null));
    else answer(message.id, () => (server[message.ask] as (question: unknown) => Promise<unknown>)(message.question));
  };
};

const trouble = (id: number, error: unknown): FromEngine => {
  if (error instanceof NotLoaded) return { id, missing: error.network };
  if (error instanceof EngineError) return { id, refused: error.objection };
  const message = error instanceof Error ? error.message : String(error);
  return { id, failed: error instanceof NotFetched ? "fetch" : "bug", message };
};
