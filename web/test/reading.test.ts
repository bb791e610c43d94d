import { expect, test } from "vitest";
import { unpackReading, withoutOne, withWord, wordOf } from "../src/model/reading";
import { gru } from "./payloads";

const reading = unpackReading(gru(["a", "b", "c"], [0, 0.5, 0.25], [0.5, -1, 1]));

test("numbers come out as they were put in, to 16 bits", () => {
  expect(reading.value(reading.signal("candidate"), 1, 0, 0, 0)).toBe(-1);
  expect(reading.value(reading.signal("hidden"), 2, 0, 0, 0)).toBeCloseTo(0.25 * -0.25 + 0.75, 3);
});

test("a step says what was there, what was kept and what was written", () => {
  const step = reading.step(2, 0, 0, 0);
  expect(step?.before).toBeCloseTo(-0.25, 3);
  expect(step?.kept).toBeCloseTo(0.25, 3);
  expect(step?.written).toBeCloseTo(0.75, 3);
  expect(step && (step.before ?? 0) * step.kept + step.written).toBeCloseTo(step?.after ?? Number.NaN, 3);
});

test("a direction begins at its own end, or outside the window", () => {
  expect(reading.earlier(0, 0)).toBeNull();
  expect(reading.earlier(2, 1)).toBeNull();
  expect(reading.earlier(1, 0)).toBe(0);
  const window = unpackReading(gru(["a", "b"], [0, 0], [0, 0], { start: 200, read: 300 }));
  expect(window.earlier(0, 0)).toBeUndefined();
  expect(window.earlier(1, 1)).toBeUndefined();
});

test("what was there before a word is where its direction comes from, or what is there first", () => {
  const learned = unpackReading(gru(["a", "b"], [0, 0.5], [0.5, -1], { first: { hidden: [[[0.25]]] } }));
  const hidden = learned.signal("hidden");
  expect(learned.before(hidden, 0, 0, 0, 0)).toBe(0.25);
  expect(learned.before(hidden, 1, 0, 0, 0)).toBe(learned.value(hidden, 0, 0, 0, 0));
  expect(reading.before(reading.signal("hidden"), 0, 0, 0, 0)).toBe(0);
  const window = unpackReading(gru(["a", "b"], [0, 0], [0, 0], { start: 200, read: 300 }));
  expect(window.before(window.signal("hidden"), 0, 0, 0, 0)).toBeUndefined();
});

test("a name from a link finds no signal that is not there", () => {
  expect(reading.find("constructor")).toBeUndefined();
  expect(() => reading.signal("cell")).toThrow("no signal cell");
});

const words = { tokens: ["it", "isn", "good"], verdicts: [[0.5], [0.9], [0.8]], answer: 0, start: 0 };

test("the first not is left out", () => {
  expect(withoutOne({ ...words, text: "not bad, not good" })).toBe("bad, not good");
});

test("without a not, the word at which the answer moved most is left out, and all that it is written with", () => {
  expect(withoutOne({ ...words, text: "It isn't good" })).toBe("It good");
});

test("a text whose words are written otherwise becomes its other words", () => {
  expect(withWord("ABC", ["x", "y"], 0, "")).toBe("y");
});

test("another word stands in the place of one, and of all that it is written with", () => {
  const tokens = ["it", "isn", "'", "t", "good", "."];
  expect(wordOf("It isn't good.", tokens, 1)).toBe("isn't");
  expect(withWord("It isn't good.", tokens, 1, "is")).toBe("It is good.");
  expect(withWord("It isn't good.", tokens, 5, "!")).toBe("It isn't good!");
  expect(withWord("good good", ["good", "good"], 1, "bad")).toBe("good bad");
  expect(withWord("ABC", ["x", "y"], 0, "z")).toBe("z y");
});
