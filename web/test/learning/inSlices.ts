// A trainer without a worker, for Node: a piece of a training at a time.

import { messages, type Trainer } from "../../src/engine/training/trainers";

export const inSlices: Trainer = (wanted, hear) => {
  const work = messages(wanted);
  let timer: ReturnType<typeof setTimeout>;
  const slice = () => {
    const next = work.next();
    if (next.done) return;
    if (next.value) hear(next.value);
    timer = setTimeout(slice);
  };
  timer = setTimeout(slice);
  return () => clearTimeout(timer);
};
