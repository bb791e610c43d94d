import { expect, test } from "vitest";
import { signsOf } from "../src/model/signs";

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
