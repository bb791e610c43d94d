import { expect, test } from "vitest";
import { codeOf, countCodes } from "../src/model/answerCodes";

const QUESTION = "turn\nsst2-lstm\nThe movie was not good .";

test("each answer has a code of six signs that do not look alike, and is read from it", () => {
  for (const choice of [0, 1, 12, 255, 32_767]) {
    const code = codeOf(choice, QUESTION);
    expect(code).toMatch(/^[2-9A-HJ-NP-Z]{6}$/);
    expect([...countCodes(code, QUESTION).given]).toEqual([[choice, 1]]);
  }
  expect(new Set([...Array(300).keys()].map((choice) => codeOf(choice, QUESTION))).size).toBe(300);
});

test("codes are counted as a class sends them: in lines, small letters, names beside them", () => {
  const [one, other] = [codeOf(3, QUESTION), codeOf(0, QUESTION)];
  const { given, strange } = countCodes(`Anna: ${one}\nBob ${one.toLowerCase()}; Ελένη, ${other}.\n`, QUESTION);
  expect([...given]).toEqual([
    [3, 2],
    [0, 1],
  ]);
  expect(strange).toBe(0);
});

test("a code of another question, or with a slip, is not counted", () => {
  const code = codeOf(3, QUESTION);
  const slip = (code[5] === "7" ? "8" : "7") + code.slice(1);
  const swapped = code.slice(3) + code.slice(0, 3);
  const { given, strange } = countCodes([codeOf(3, `${QUESTION}!`), slip, swapped].join(" "), QUESTION);
  expect(given.size).toBe(0);
  expect(strange).toBe(3);
});

test("nothing is counted of no text", () => {
  expect(countCodes("", QUESTION)).toEqual({ given: new Map(), strange: 0 });
});
