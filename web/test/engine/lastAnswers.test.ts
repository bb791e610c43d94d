import { expect, test } from "vitest";
import { LastAnswers } from "../../src/engine/lastAnswers";

/** The words of which the answers are known. */
const known = (answers: LastAnswers, ids: number[]) => answers.copy(ids, new Float32Array(ids.length), 1);

test("the answers of the longest beginning that was read are copied", () => {
  const answers = new LastAnswers();
  answers.keep([1, 2, 3], Float32Array.of(0.1, 0.2, 0.3));
  answers.keep([1, 5], Float32Array.of(0.1, 0.5));
  const verdicts = new Float32Array(4);
  expect(answers.copy([1, 2, 3, 4], verdicts, 1)).toBe(3);
  expect(verdicts).toEqual(Float32Array.of(0.1, 0.2, 0.3, 0));
});

test("a text that is read again and again does not push out the others", () => {
  const answers = new LastAnswers();
  answers.keep([7, 8, 9], new Float32Array(3));
  for (let again = 0; again < 20; again += 1) answers.keep([1, 2], new Float32Array(2));
  expect(known(answers, [7, 8, 9])).toBe(3);
  for (let other = 10; other < 18; other += 1) answers.keep([other], new Float32Array(1));
  expect(known(answers, [7, 8, 9])).toBe(0); // eight others were read since
});
