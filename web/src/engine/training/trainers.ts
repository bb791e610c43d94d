// Where a training runs: in a worker, so that the page is never blocked.

import type { Objection } from "../../client/contract";
import { EngineError } from "../objection";
import { learning, type News } from "./learning";
import type { Wanted } from "./offers";

/** What is heard of a training: that it began, what is new, and its end. */
export type Message = { begun: true } | { news: News } | { over: true } | { objection: Objection };

/** Starts a training; what it gives back stops it, and nothing is heard of it then. */
export type Trainer = (wanted: Wanted, hear: (message: Message) => void) => () => void;

/** A training as messages; undefined after a piece of work of which there is nothing to say. */
export function* messages(wanted: Wanted): Generator<Message | undefined, void> {
  yield { begun: true };
  try {
    for (const news of learning(wanted)) yield news ? { news } : undefined;
    yield { over: true };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    yield { objection: error.objection };
  }
}

/** In a worker of its own (engine/desk.ts); an objection where none can be started, or where it breaks. */
export const inWorker =
  (makeWorker: () => Worker): Trainer =>
  (wanted, hear) => {
    const broken = () => hear({ objection: new EngineError("training_broke").objection });
    let worker: Worker;
    try {
      worker = makeWorker();
    } catch {
      setTimeout(broken);
      return () => {};
    }
    worker.onmessage = ({ data }: MessageEvent<{ training: Message }>) => hear(data.training);
    worker.onerror = (event) => {
      event.preventDefault();
      worker.terminate();
      broken();
    };
    worker.postMessage({ train: wanted });
    return () => worker.terminate();
  };
