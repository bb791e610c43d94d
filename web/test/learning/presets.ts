// Trains what it is told on the command line, for benchmarks/browser_training.py: one JSON line a training.

import { learning } from "../../src/engine/training/learning";
import { type BrowserTrainStart, wanted } from "../../src/engine/training/offers";
import { tokensOf } from "../../src/engine/training/tasks";

for (const question of process.argv.slice(2)) {
  const asked = wanted(JSON.parse(question) as BrowserTrainStart, tokensOf);
  const [begun, idle] = [performance.now(), process.cpuUsage()];
  const seconds = () => (performance.now() - begun) / 1000;
  const busy = () => process.cpuUsage(idle).user / 1e6;
  let [whole, accuracy, steps]: [number | null, number, number] = [null, 0, 0];
  try {
    for (const news of learning(asked)) {
      steps = news?.point?.step ?? steps;
      if (!news?.held_out) continue;
      accuracy = news.held_out.accuracy;
      if (accuracy === 1) whole ??= busy();
    }
  } catch (error) {
    process.stderr.write(`${error}\n`);
  }
  process.stdout.write(`${JSON.stringify({ accuracy, whole, busy: busy(), seconds: seconds(), steps })}\n`);
}
