// The worker that reads or trains: the desk, with a worker's messages.

import { desk, type ToEngine } from "./desk";

const receive = desk((message) => self.postMessage(message));
self.onmessage = ({ data }: MessageEvent<ToEngine>) => receive(data);
