// Trains in a page, as the view Train asks for it, and counts the frames that the page shows meanwhile.

import { engineTrainer } from "../../src/client/engineLine";
import { tokensOf } from "../../src/engine/training/tasks";
import { trainings } from "../../src/engine/training/trainings";

export const train = async () => {
  let [frames, run] = [0, true];
  const count = () => {
    frames += 1;
    if (run) requestAnimationFrame(count);
  };
  const asked = trainings({ tokenise: tokensOf, trainer: engineTrainer });
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
  return { answer, frames, seconds, words: asked.trained(ticket)?.vocabulary };
};
