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
