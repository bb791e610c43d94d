// The way to the engine: workers, so that neither reading nor training ever holds the page up.
//
// The worker's script stands in the page's own and is started from a Blob: nothing has to be fetched, so it works from a
// file too. The page's policy must allow `worker-src blob:`.

import type { FromEngine, ToEngine } from "../engine/desk";
import { inWorker, type Trainer } from "../engine/training/trainers";
import EngineWorker from "../engine/worker?worker&inline";
import type { Line } from "./browserEngine";

export const engineLine: Line = (hear, broken) => {
  const worker = new EngineWorker();
  worker.onmessage = ({ data }: MessageEvent<FromEngine>) => hear(data);
  worker.onerror = (event) => {
    event.preventDefault();
    broken(new Error(event.message || "no worker can be started"));
  };
  return (message: ToEngine) => worker.postMessage(message);
};

export const engineTrainer: Trainer = inWorker(() => new EngineWorker());
