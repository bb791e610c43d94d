// What plays: a step at regular intervals, until there is none left or somebody stops it.

export interface Stepper {
  readonly running: boolean;
  /** Make the first step at once, or after the first interval. */
  start(atOnce?: boolean): void;
  /** End it, which is told to `ended`; nothing happens where it does not run. */
  stop(): void;
  /** Stop the clock without telling anybody. */
  halt(): void;
}

/** `step` makes the next step, and says whether there was one. */
export const stepper = (everyMs: number, step: () => boolean, ended: () => void): Stepper => {
  let timer: ReturnType<typeof setInterval> | undefined;
  const halt = () => {
    clearInterval(timer);
    timer = undefined;
  };
  const stop = () => {
    if (timer === undefined) return;
    halt();
    ended();
  };
  const next = () => {
    if (!step()) stop();
  };
  return {
    get running() {
      return timer !== undefined;
    },
    start: (atOnce = true) => {
      halt();
      timer = setInterval(next, everyMs);
      if (atOnce) next();
    },
    stop,
    halt,
  };
};
