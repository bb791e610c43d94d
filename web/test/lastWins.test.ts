import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lastWins } from "../src/client/lastWins";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A server whose answers are given by hand. */
const server = () => {
  const asked: string[] = [];
  let give: (answer: string | null) => void = () => {};
  const ask = (question: string) => {
    asked.push(question);
    return new Promise<string | null>((done) => {
      give = done;
    });
  };
  return {
    asked,
    ask,
    answer: async (said: string | null) => {
      give(said);
      await vi.advanceTimersByTimeAsync(0);
    },
  };
};

test("of the questions that wait only the last is asked", async () => {
  const { asked, ask, answer } = server();
  const use = vi.fn();
  const question = lastWins(ask, { use });
  for (const one of ["a", "b", "c"]) question(one);
  expect(asked).toEqual(["a"]);
  await answer("A");
  expect(asked).toEqual(["a", "c"]);
  await answer("C");
  expect(use.mock.calls).toEqual([
    ["A", "a"],
    ["C", "c"],
  ]);
});

test("what takes long is noticed, and what takes too long counts as no answer", async () => {
  const { ask } = server();
  const on = { use: vi.fn(), wait: vi.fn(), fail: vi.fn() };
  lastWins(ask, on)("a");
  await vi.advanceTimersByTimeAsync(700);
  expect(on.wait).toHaveBeenCalledOnce();
  expect(on.fail).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(on.fail).toHaveBeenCalledOnce();
});

test("a question without an answer is asked again, unless there is a newer one", async () => {
  const { asked, ask, answer } = server();
  const question = lastWins(ask, { use: vi.fn(), again: true });
  question("a");
  await answer(null);
  await vi.advanceTimersByTimeAsync(3000);
  expect(asked).toEqual(["a", "a"]);
  question("b");
  await answer(null);
  await vi.advanceTimersByTimeAsync(0);
  expect(asked).toEqual(["a", "a", "b"]);
});

test("without being told to, nothing is asked again", async () => {
  const { asked, ask, answer } = server();
  lastWins(ask, { use: vi.fn() })("a");
  await answer(null);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual(["a"]);
});
