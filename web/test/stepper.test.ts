import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { stepper } from "../src/ui/stepper";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test("it makes a step at once and then at intervals, until there is none left", () => {
  let left = 3;
  const ended = vi.fn();
  const step = vi.fn(() => left-- > 0);
  const player = stepper(100, step, ended);
  player.start();
  expect(step).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(250);
  expect(step).toHaveBeenCalledTimes(3);
  expect(player.running).toBe(true);
  vi.advanceTimersByTime(1000);
  expect(step).toHaveBeenCalledTimes(4);
  expect(ended).toHaveBeenCalledOnce();
  expect(player.running).toBe(false);
});

test("it ends once, however often it is stopped, and not at all where it does not run", () => {
  const ended = vi.fn();
  const player = stepper(100, () => true, ended);
  player.stop();
  expect(ended).not.toHaveBeenCalled();
  player.start(false);
  player.stop();
  player.stop();
  expect(ended).toHaveBeenCalledOnce();
});
