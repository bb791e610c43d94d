// Where a training runs: in a worker, so that the page is never blocked; without workers, in slices between its frames.

import type { Objection } from "../../client/contract";
import { learning, type News } from "./learning";
import { TrainingError } from "./objections";
import type { Wanted } from "./offers";

/** What is heard of a training: that it began, what is new, and its end. */
export type Message = { begun: true } | { news: News } | { over: true } | { objection: Objection };

/** Starts a training; what it gives back stops it, and nothing is heard of it then. */
export type Trainer = (wanted: Wanted, hear: (message: Message) => void) => () => void;

const SLICE = 16; // milliseconds of work between two looks at what else the page has to do

/** A training as messages; undefined after a piece of work of which there is nothing to say. */
export function* messages(wanted: Wanted): Generator<Message | undefined, void> {
  yield { begun: true };
  try {
    for (const news of learning(wanted)) yield news ? { news } : undefined;
    yield { over: true };
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    yield { objection: error.objection };
  }
}

/** In the page itself, a slice at a time. */
export const inSlices: Trainer = (wanted, hear) => {
  const work = messages(wanted);
  let timer: ReturnType<typeof setTimeout>;
  const slice = () => {
    const until = performance.now() + SLICE;
    for (let next = work.next(); ; next = work.next()) {
      if (next.done) return;
      if (next.value) hear(next.value);
      if (performance.now() >= until) break;
    }
    timer = setTimeout(slice);
  };
  timer = setTimeout(slice);
  return () => {
    clearTimeout(timer);
    work.return();
  };
};

/** In a worker of its own; where none can be started, as a file or a policy may forbid it, as `otherwise` says. */
export const inWorker =
  (makeWorker: () => Worker, otherwise: Trainer = inSlices): Trainer =>
  (wanted, hear) => {
    let begun = false;
    let stop: () => void;
    const instead = () => {
      stop = otherwise(wanted, hear);
    };
    try {
      const worker = makeWorker();
      stop = () => worker.terminate();
      worker.onmessage = ({ data }: MessageEvent<Message>) => {
        begun = true;
        hear(data);
      };
      worker.onerror = (event) => {
        event.preventDefault();
        worker.terminate();
        if (begun) hear({ objection: new TrainingError("training_broke").objection });
        else instead();
      };
      worker.postMessage(wanted);
    } catch {
      instead();
    }
    return () => stop();
  };
