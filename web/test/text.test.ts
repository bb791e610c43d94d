import { expect, test } from "vitest";
import { cutTo, isolated, sendable, told, visible, wellFormed } from "../src/model/text";

test("marks that cannot be seen are shown, and emoji stay whole", () => {
  expect(visible("a\tb")).toBe("a␉b");
  expect([" ", "\n", "\t", "\u0301", "ा"].map(visible)).toEqual(["␣", "↵", "␉", "◌\u0301", "◌ा"]);
  expect(visible("a\u200bb\u202e")).toBe("a◌b◌");
  expect(visible("👩\u200d🔬")).toBe("👩\u200d🔬");
  expect(visible("\u200dword")).toBe("◌word"); // at the edge it joins nothing
});

test("a word of a right-to-left script is isolated, another is not", () => {
  expect(isolated("كتاب")).toBe("\u2068كتاب\u2069");
  expect(isolated("book")).toBe("book");
});

test("a sentence tells the beginning of a long word", () => {
  expect(told("book")).toBe("book");
  expect(told("x".repeat(400))).toBe(`${"x".repeat(39)}…`);
  expect(told("ب".repeat(400))).toBe(`\u2068${"ب".repeat(39)}…\u2069`);
});

test("half of a character becomes the replacement character", () => {
  expect(wellFormed("a\ud83d")).toBe("a\ufffd");
  expect(wellFormed("\ude00b")).toBe("\ufffdb");
  expect(wellFormed("😀")).toBe("😀");
});

test("a text that is too long for a request is shortened from its end, and no other is", () => {
  expect(sendable("short")).toBe("short");
  const sent = sendable("ü".repeat(50_000));
  expect(new TextEncoder().encode(JSON.stringify(sent)).length).toBeLessThanOrEqual(60_000);
  expect("ü".repeat(50_000).startsWith(sent)).toBe(true);
});

test("a text is cut between letters, not within one", () => {
  expect(cutTo("😀😀😀", 2)).toBe("😀…");
  expect(cutTo("ab", 2)).toBe("ab");
});
