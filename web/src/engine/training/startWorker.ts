// The worker's script stands in the page's own script and is started from a Blob: nothing has to be fetched, so it works
// from a file too. The page's policy must allow `worker-src blob:`.

import TrainingWorker from "./worker?worker&inline";

export const startWorker = (): Worker => new TrainingWorker();
