import { expect, test, vi } from "vitest";
import { joins, signsOf } from "../src/model/signs";

const shown = (text: string) => {
  const letters = [...text];
  return signsOf(letters).map(([from, to]) => letters.slice(from, to).join(""));
};

test("a mark is shown with its base, in every script of the page", () => {
  expect(shown("घर जाँदै")).toEqual(["घ", "र", " ", "जाँ", "दै"]);
  expect(shown("ఇంటికి")).toEqual(["ఇం", "టి", "కి"]);
  expect(shown("q\u0301ώ")).toEqual(["q\u0301", "ώ"]);
  expect(shown("👩\u200d🔬a\n")).toEqual(["👩\u200d🔬", "a", "\n"]);
});

test("all letters are shown once, in their order", () => {
  for (const text of ["", "\u0301a", "क\u094d\u0937\r\n", "🇳🇵👍🏽", "\ud83d"]) expect(shown(text).join("")).toBe(text);
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

test("a browser that knows no signs, as an old Firefox, shows every letter for itself", async () => {
  vi.resetModules();
  vi.stubGlobal("Intl", {});
  const signs = await import("../src/model/signs");
  await import("../src/model/writing");
  vi.unstubAllGlobals();
  expect(signs.signsOf(["e", "\u0301"])).toHaveLength(2);
  expect(signs.joins("e", "\u0301")).toBe(false);
});
