// The way to the engine: a worker, so that reading never holds the page up.
//
// The worker's script stands in the page's own and is started from a Blob: nothing has to be fetched, so it works from a
// file too. The page's policy must allow `worker-src blob:`.

import type { FromEngine, ToEngine } from "../engine/desk";
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
