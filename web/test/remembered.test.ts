import { expect, test, vi } from "vitest";
import { remembered } from "../src/model/remembered";

test("what is asked again is not found anew, and nothing else is given for it", () => {
  const find = vi.fn((one: object, other: number) => ({ one, other }));
  const ask = remembered(find);
  const thing = {};
  const found = ask(thing, 1);
  expect(ask(thing, 1)).toBe(found);
  expect(find).toHaveBeenCalledTimes(1);
  expect(ask(thing, 2).other).toBe(2);
  expect(ask({}, 2).one).not.toBe(thing);
  expect(find).toHaveBeenCalledTimes(3);
});

test("as many answers are kept as it is told", () => {
  const find = vi.fn((one: number) => one);
  const ask = remembered(find, 2);
  for (const one of [1, 2, 1, 2, 1]) expect(ask(one)).toBe(one);
  expect(find).toHaveBeenCalledTimes(2);
  ask(3); // in the place of 2
  ask(1);
  expect(find).toHaveBeenCalledTimes(3);
  ask(2);
  expect(find).toHaveBeenCalledTimes(4);
});
