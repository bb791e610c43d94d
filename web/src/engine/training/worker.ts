// The worker: trains what it is sent, and sends what there is to show. It is ended from outside.

import type { Wanted } from "./offers";
import { messages } from "./trainers";

self.onmessage = ({ data }: MessageEvent<Wanted>) => {
  for (const message of messages(data)) if (message) self.postMessage(message);
};
