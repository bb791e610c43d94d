import { expect, test, vi } from "vitest";
import type { BrowserEngine } from "../src/client/browserEngine";
import type { Letter } from "../src/engine/write";
import type { WriteQuestion } from "../src/engine/writers";
import {
  fitted,
  forked,
  fromLink,
  linkParts,
  partingOf,
  programOf,
  settingsOf,
  surpriseOf,
  unitsOf,
} from "../src/model/writing";
import { WriteSide } from "../src/writing/writeSide";

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
  for (const wrong of ["", "16", "7-16", "a", "-1", "1-2-3"]) expect(unitsOf(wrong, 16)).toBeNull();
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

test("a text of a person, a signal of a link and a network of the page do not get out of the program's strings", () => {
  const hold = { signal: 'cell", 0)])\nevil(', units: "1", value: 0, layer: 0 };
  const program = programOf("own-l2x", settingsOf('\u202e\u2028"', { hold }), ["x"], [1]);
  expect(program).toContain('rnnviz.load("path/of/its/folder"), "\\u202e\\u2028\\""');
  expect(program).toContain('rnnviz.Clamp("cell\\", 0)])\\nevil("');
});

test("a link holds only signals that there are", () => {
  const hold = (text: string) => fromLink((name) => ({ write: "a", write_hold: text })[name] ?? null)?.hold;
  expect(hold("update:0.5:0:3")).toEqual({ signal: "update", value: 0.5, layer: 0, units: "3" });
  expect(hold("mood:0.5:0:3")).toBeNull();
});

test("of what a link names, a network takes what it has", () => {
  const colour = { by: "unit", signal: "cell", unit: 99, layer: 5 } as const;
  const hold = { signal: "forget", units: "1", value: 0, layer: 0 };
  const settings = settingsOf("a", { colour, hold });
  const gru = fitted(settings, { cell: "gru", units: 16, layers: 2 });
  expect(gru.colour).toEqual({ by: "unit", signal: "hidden", unit: 15, layer: 1 });
  expect(gru.hold).toBeNull();
  expect(fitted(settings, { cell: "lstm", units: 16 }).hold).toEqual(hold);
  expect(fitted(settingsOf("a", { hold: { ...hold, layer: 1 } }), { cell: "lstm", units: 16 }).hold).toBeNull();
  expect(fitted(settings, {})).toBe(settings);
});

test("where an answer brings nothing new, no more is asked", async () => {
  const write = vi.fn(async ({ from, to }: WriteQuestion) => {
    if (write.mock.calls.length > 50) throw new Error("it asks without end");
    return { from, letters: [..."abcdef"].slice(from, to).map((token) => letter(token, 1)), start: 1, values: [] };
  });
  const side = new WriteSide({ write } as unknown as BrowserEngine, () => side.want(20));
  side.set(
    "m",
    { start: "a", seeds: [], temperature: 1, topK: null, holds: [] },
    { signal: "hidden", layer: 5, unit: 0 },
  );
  side.want(20);
  await vi.waitFor(() => expect(side.letters).toHaveLength(6));
  await new Promise((done) => setTimeout(done));
  expect(write).toHaveBeenCalledTimes(1);
  side.set("m", { start: "a", seeds: [], temperature: 1, topK: null, holds: [] }, null);
  side.want(20);
  await vi.waitFor(() => expect(write).toHaveBeenCalledTimes(2));
});
