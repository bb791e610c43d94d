import { expect, test } from "vitest";
import type { Hold } from "../src/client/contract";
import { FIND_SETTINGS, type FindSettings } from "../src/model/finding";
import { NOWHERE, type Place } from "../src/model/place";
import { unpackReading } from "../src/model/reading";
import { EVERY } from "../src/model/slices";
import { settingsOf, type WritingSettings } from "../src/model/writing";
import { readFragment, writeFragment } from "../src/state/fragment";
import { gru } from "./payloads";

const payload = gru(["so", "good"], [0, 0], [0.5, 0.5]);
const page = {
  reading: { ...unpackReading(payload), payload, text: "so good & all" },
  view: {
    signal: "hidden",
    wish: "",
    layer: "all" as const,
    direction: 0,
    all: true,
    numbers: false,
    tab: "gates",
    ledger: true,
    chapter: "gates",
  },
  holds: [{ signal: "update", value: 0.5, tokens: [0, 1], units: [[3, 3]], layer: 0, direction: 0 }] as Hold[],
  pinned: { token: 1, unit: 3, layer: 1, direction: 0 } as Place,
  range: [0, 1] as const,
  other: { text: "so bad" },
  writingOf: (): WritingSettings | null => null,
  findingOf: (): FindSettings => FIND_SETTINGS,
  sliceOf: () => EVERY,
  language: () => "el" as const,
  blocks: () => [{ layer: 0, direction: 0, rows: [3] }],
  hiddenPanels: new Set(["cell"]),
  asking: null,
  roomHere: () => null,
};

test("what a hold of a link names beyond all that there is stays given, so that it can be said what is too large", () => {
  const { place } = readFragment("#hold=forget:1e999:0:99999:0-99999999:12345678:0&hold=forget:-1e999:::x::0");
  expect(place.holds).toEqual([
    { signal: "forget", value: 999_999, tokens: [0, 99_999], units: [[0, 999_999]], layer: 999_999, direction: 0 },
    { signal: "forget", value: -999_999, tokens: [-1, -1], units: [[-1, -1]], layer: -1, direction: 0 },
  ]);
});

test("what is written into a link comes out of it", () => {
  const { place, language, hide, ask } = readFragment(writeFragment(page));
  expect(place).toEqual({
    model: "m",
    text: "so good & all",
    signal: "hidden",
    token: 1,
    unit: 3,
    at: { layer: 1, direction: 0 },
    layer: "all",
    direction: 0,
    all: true,
    tab: "gates",
    ledger: true,
    range: [0, 1],
    holds: page.holds,
    other: { text: "so bad" },
  });
  expect([language, hide, ask]).toEqual(["el", ["cell"], null]);
});

test("a link that asks a class does not tell which word it is about", () => {
  const fragment = writeFragment(page, { hiddenPanels: new Set(), asking: "turn", key: "ABCDEFGH" });
  const { place, ask, room } = readFragment(fragment);
  expect(place).not.toHaveProperty("token");
  expect(place).not.toHaveProperty("range");
  expect([ask, room]).toEqual(["turn", "ABCDEFGH"]);
});

test("words of a window are counted from the beginning of the text", () => {
  const window = { ...page, reading: { ...page.reading, start: 200 }, pinned: { ...NOWHERE, token: 5 } };
  expect(writeFragment(window)).toContain("token=205");
  expect(readFragment("#start=200&token=205").place).toMatchObject({ start: 200, token: 5 });
});

test("nothing in a link is trusted", () => {
  expect(readFragment("#unit=-1&layer=x&token=1e9&direction=99999999").place).toEqual({});
  expect(readFragment("#hold=a:b").place.holds).toEqual([
    { signal: "a", value: Number.NaN, tokens: [-1, -1], units: [[-1, -1]], layer: -1, direction: -1 },
  ]);
});

test("a list of units stays one entry of a link, and a link to one unit is as it always was", () => {
  const units: Hold["units"] = [
    [0, 15],
    [20, 20],
  ];
  const list = { ...page, holds: [{ ...page.holds[0], units }] };
  expect(writeFragment(list)).toContain(`hold=${encodeURIComponent("update:0.5:0:1:0-15,20:0:0")}`);
  expect(readFragment(writeFragment(list)).place.holds).toEqual(list.holds);
  expect(writeFragment(page)).toContain(`hold=${encodeURIComponent("update:0.5:0:1:3:0:0")}`);
});

test("what the view Write shows is in the link while that view is open", () => {
  const writing = settingsOf("ROMEO:\n", { length: 12, seeds: [{ at: 0, seed: 7 }] });
  const writingOf = (model: string) => (model === "m" ? writing : null);
  const open = { ...page, writingOf, view: { ...page.view, tab: "write" } };
  expect(readFragment(writeFragment(open)).place.writing).toEqual(writing);
  expect(readFragment(writeFragment({ ...page, writingOf })).place.writing).toBeUndefined();
});

test("of a hold in a link that is far too long, the rest is not read", () => {
  const place = (units: string) => readFragment(`#hold=${encodeURIComponent(`input:0:0:1:${units}:0:0`)}`).place;
  expect(place("1-2").holds?.[0].layer).toBe(0);
  expect(place(" ".repeat(20_000)).holds?.[0]).toMatchObject({ layer: -1, units: [[-1, -1]] });
});

test("the conditions of the open view Slices are in its link", () => {
  const slices = { ...page, view: { ...page.view, tab: "slices" }, sliceOf: () => "class=Arts & Culture & wrong" };
  expect(readFragment(writeFragment(slices)).place.slice).toBe("class=Arts & Culture & wrong");
  expect(readFragment(writeFragment(page)).place.slice).toBeUndefined();
  expect(readFragment(`#slice=${"x".repeat(9_999)}`).place.slice).toHaveLength(400);
});
