import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Dictionary } from "../src/client/types";
import { isLanguage, NAMES_OF_LANGUAGES, speaker } from "../src/i18n/speaker";

const LOCALES = new URL("../../rnnviz/page/locales/", import.meta.url);
const english: Dictionary = { told: "{word} at {n}", cells: { one: "{count} cell", other: "{count} cells" } };
const speech = speaker(english, "en");

test("places are filled in, and what has no value stays", () => {
  expect(speech.say("told", { word: "good", n: 3 })).toBe("good at 3");
  expect(speech.say("told", { word: "{n}" })).toBe("{n} at {n}");
  expect(speech.say("unknown")).toBe("unknown");
});

test("the form of a sentence follows the language's plural", () => {
  expect(speech.say("cells", { count: 1 })).toBe("1 cell");
  expect(speech.say("cells", { count: 1234 })).toBe("1,234 cells");
});

test("numbers are written without a minus of their own for nothing", () => {
  expect([-0.004, -0.005, -1.5, 0.5].map((one) => speech.signed(one))).toEqual(["0.00", "−0.01", "−1.50", "0.50"]);
  expect(speech.share(0.256)).toBe("26%");
  expect(speech.small(1.84e-7)).toBe("1.8\u00a0×\u00a010⁻⁷");
  expect(speech.small(0)).toBe("0");
});

test("another language has its own digits", () => {
  const nepali = speaker(english, "en");
  nepali.use(english, "ne");
  expect(nepali.count(12)).toBe("१२");
  expect(nepali.language()).toBe("ne");
});

test("every language of the menu has a dictionary, and each is JSON", () => {
  const wanted = Object.keys(NAMES_OF_LANGUAGES)
    .map((code) => `${code}.json`)
    .sort();
  for (const [folder, key] of [
    ["./", "tagline"],
    ["lesson/", "path_of"],
  ]) {
    const files = readdirSync(new URL(folder, LOCALES)).filter((name) => name.endsWith(".json"));
    expect(files.sort()).toEqual(wanted);
    for (const file of files)
      expect(JSON.parse(readFileSync(new URL(folder + file, LOCALES), "utf-8"))).toHaveProperty(key);
  }
});

test("a language is one that the page speaks, whatever a link says", () => {
  expect(["en", "ne", "xx", "constructor", "", null, undefined].filter(isLanguage)).toEqual(["en", "ne"]);
});

test("of letters and of what comes next there are sentences of their own, where they are needed", () => {
  const own = speaker({ one: "word", letters_one: "letter", next_one: "next", other: "same" }, "en");
  expect(own.prefer(["letters_"])).toBe(true);
  expect([own.say("one"), own.say("other")]).toEqual(["letter", "same"]);
  expect(own.prefer(["letters_"])).toBe(false);
  own.prefer(["next_", "letters_"]);
  expect(own.say("one")).toBe("next");
  own.prefer([]);
  expect(own.say("one")).toBe("word");
});
