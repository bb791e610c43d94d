// The way to the engine: a worker, or the page itself where a file or a policy forbids workers.
//
// The worker's script stands in the page's own and is started from a Blob: nothing has to be fetched.

import { desk, type FromEngine, type ToEngine } from "../engine/desk";
import EngineWorker from "../engine/worker?worker&inline";
import type { Line } from "./browserEngine";

const inPage: Line = (hear) => desk(hear);

export const engineLine: Line = (hear) => {
  let sent: ToEngine[] | null = []; // what was said before the worker has answered
  let send: (message: ToEngine) => void;
  const insteadOfWorker = () => {
    send = inPage(hear);
    for (const message of sent ?? []) send(message);
    sent = null;
  };
  try {
    const worker = new EngineWorker();
    send = (message) => worker.postMessage(message);
    worker.onmessage = ({ data }: MessageEvent<FromEngine>) => {
      sent = null;
      hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      if (sent) insteadOfWorker(); // it never began
    };
  } catch {
    insteadOfWorker();
  }
  return (message) => {
    sent?.push(message);
    send(message);
  };
};
