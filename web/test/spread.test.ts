import { expect, test } from "vitest";
import { spread } from "../src/model/spread";

test("names that have room stay where they are wanted", () => {
  expect(spread([20, 60, 90], 17, 10, 100)).toEqual([20, 60, 90]);
});

test("names that are wanted close together are moved apart, downwards", () => {
  expect(spread([0, 31, 32, 90], 10, 10, 100)).toEqual([10, 31, 41, 90]);
});

test("at the foot they give way upwards, and only as far as they must", () => {
  expect(spread([20, 97, 99], 10, 10, 100)).toEqual([20, 90, 100]);
  expect(spread([], 10, 10, 100)).toEqual([]);
});
