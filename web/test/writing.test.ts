import { expect, test } from "vitest";
import type { Letter } from "../src/engine/write";
import {
  forked,
  fromLink,
  joins,
  linkParts,
  partingOf,
  programOf,
  settingsOf,
  surpriseOf,
  unitsOf,
} from "../src/model/writing";

const letter = (token: string, probability: number | null): Letter => ({
  token,
  probability,
  likeliest: [],
  cut: 0,
  close: false,
});

test("the settings come out of a link as they went in", () => {
  const settings = settingsOf("ROMEO:\n&#%", {
    seeds: [
      { at: 0, seed: 3 },
      { at: 40, seed: 4294967295 },
    ],
    temperature: 0.85,
    topK: 5,
    length: 120,
    hold: { signal: "cell", units: "3, 7-9", value: -0.5, layer: 1 },
    colour: { by: "unit", signal: "hidden", unit: 12, layer: 1 },
  });
  const link = new Map(linkParts(settings).flatMap(([name, value]) => (value === null ? [] : [[name, String(value)]])));
  expect(fromLink((name) => link.get(name) ?? null)).toEqual(settings);
});

test("what a link has wrong is left at the usual", () => {
  const link: Record<string, string> = {
    write: "a",
    write_seed: "5:1",
    write_temperature: "x",
    write_top: "0",
    write_length: "9999999",
    write_hold: "cell:nan:0:3",
    write_colour: "mood:1:1",
  };
  expect(fromLink((name) => link[name] ?? null)).toEqual(settingsOf("a"));
  expect(fromLink(() => null)).toBeUndefined();
});

test("the surprise is that of the written letters: half is one bit", () => {
  const letters = [letter("a", null), letter("b", 1 / 1024), letter("c", 0.5), letter("d", 1 / 8)];
  expect(surpriseOf(letters, 2)).toEqual({ mean: 2, most: 3 });
  expect(surpriseOf(letters, 4)).toBeNull();
});

test("two texts part at the first letter that differs", () => {
  const texts = ["abcd", "abxd", "ab"].map((text) => [...text].map((token) => letter(token, 1)));
  expect(partingOf(texts[0], texts[1])).toBe(2);
  expect(partingOf(texts[0], texts[2])).toBe(-1);
});

test("a fork drops the forks that come after it, and has a seed that none had", () => {
  const seeds = [0, 10, 20].map((at) => ({ at, seed: at + 1 }));
  expect(forked(seeds, 15)).toEqual([
    { at: 0, seed: 1 },
    { at: 10, seed: 11 },
    { at: 15, seed: 22 },
  ]);
  expect(forked(seeds, 0)).toEqual([{ at: 0, seed: 22 }]);
});

test("units are named one by one and from one to another, as far as the network has them", () => {
  expect(unitsOf("3, 7-9", 16)).toEqual([3, 7, 8, 9]);
  for (const wrong of ["", "16", "9-7", "a", "1,,2", "-1"]) expect(unitsOf(wrong, 16)).toBeNull();
});

test("a vowel sign joins the letter before it, a line feed and a letter do not", () => {
  expect([joins("क", "ि"), joins("క", "ా"), joins("a", "b"), joins("a", "\n"), joins("e", "\u0301")]).toEqual([
    true,
    true,
    false,
    false,
    true,
  ]);
});

test("the program begins after the last fork", () => {
  const settings = settingsOf("a\n", {
    seeds: [
      { at: 0, seed: 1 },
      { at: 2, seed: 2 },
    ],
    temperature: 0,
    topK: 3,
  });
  expect(programOf("w", settings, [..."xyz"], null)).toBe(
    'rnnviz.write(rnnviz.load("w"), "a\\nxy", length=1, temperature=0.0, top_k=3, seed=2)',
  );
});
