// Trains in a page, as the view Train asks for it, and counts the frames that the page shows meanwhile.

import { startWorker } from "../../src/engine/training/startWorker";
import { tokensOf } from "../../src/engine/training/tasks";
import { inSlices, inWorker, type Trainer } from "../../src/engine/training/trainers";
import { trainings } from "../../src/engine/training/trainings";

export const train = async () => {
  let [frames, slices, run] = [0, false, true];
  const count = () => {
    frames += 1;
    if (run) requestAnimationFrame(count);
  };
  const instead: Trainer = (wanted, hear) => {
    slices = true;
    return inSlices(wanted, hear);
  };
  const asked = trainings({ tokenise: tokensOf, trainer: inWorker(startWorker, instead) });
  const begun = performance.now();
  let answer = await asked.train_start({ task: "parity", cell: "lstm", units: 8, length: 4 });
  const ticket = answer.ticket ?? "";
  count();
  while (answer.state === "running" || answer.state === "waiting") {
    await new Promise((go) => setTimeout(go, 100));
    answer = { ticket, ...(await asked.train_poll({ ticket })) } as typeof answer;
  }
  run = false;
  const seconds = (performance.now() - begun) / 1000;
  return { answer, frames, slices, seconds, words: asked.trained(ticket)?.vocabulary };
};
