// What the view In code says: what a choice has changed, and the questions that are asked most.

import type { Known } from "../client/types";
import { type CodeChoice, namesOf, PADDING, type Shown, shapesOf, stepsOf, written } from "../model/codeArrays";
import { counting } from "../model/numbers";
import { kerasPooled, type ProgramFacts, pooledCode, sameEnds } from "../model/program";
import type { Page } from "../state/page";
import { asCode } from "../ui/withCode";

/** The names of the arrays, as code. */
const arraysOf = ({ reading, choice }: Shown) => {
  const { state } = namesOf(choice, reading.cell);
  return { output: asCode("output"), state: asCode(state), x: asCode("x") };
};

/** Which of the choices was made last; null at the beginning. */
export type Changed = keyof CodeChoice | null;

/** The sentence that says what the last choice has changed. */
const changeSentence = (page: Page, shown: Shown, known: Known, changed: Changed): string => {
  const { choice } = shown;
  if (changed === "batchFirst") return axesSentence(page, shown, known);
  if (changed === "batch") return batchSentence(page, shown);
  const library = choice.library === "keras" ? "Keras" : "PyTorch";
  const start = page.say("code_said_start", { ...arraysOf(shown), library });
  if (choice.library === "pytorch") return start;
  const flags = { sequences: asCode("return_sequences=True"), states: asCode("return_state=True") };
  return page.say("code_said_keras", { ...arraysOf(shown), ...flags });
};
const axesSentence = (page: Page, shown: Shown, known: Known): string => {
  const { reading, choice } = shown;
  const [, output, state] = shapesOf(reading, choice, known).map(({ sizes }) => asCode(written(sizes)));
  const key = choice.batchFirst ? "code_said_samples" : "code_said_steps";
  return page.say(key, { ...arraysOf(shown), shape: output, state_shape: state });
};
const batchSentence = (page: Page, shown: Shown): string => {
  const { reading, choice } = shown;
  const { batch, library } = choice;
  const values = { ...arraysOf(shown), count: PADDING, last: asCode(lastOf(choice)) };
  if (batch === "alone") return page.say("code_said_alone");
  const both = reading.directions > 1;
  if (batch === "padded") {
    const parts = ["code_said_padded", ...(both ? ["code_said_padded_both"] : [])];
    return parts.map((key) => page.say(key, values)).join(" ");
  }
  if (library === "pytorch") return page.say("code_said_packed", values);
  return [page.say("code_said_masked", values), page.say(both ? "code_masked_both" : "code_masked_one", values)].join(
    " ",
  );
};
const lastOf = ({ batchFirst, library }: CodeChoice): string =>
  batchFirst || library === "keras" ? "output[:, -1]" : "output[-1]";

/** A question that is often asked, and its answer here. */
export interface Fact {
  question: string;
  answer: string;
}

/** The questions that this reading answers. */
const factsOf = (page: Page, shown: Shown, facts: ProgramFacts): Fact[] => {
  const parts = [arrayFact, endsFact, shapeFact, pooledFact, gatesFact, biasFact, keepFact, resetFact];
  return parts.map((part) => part(page, shown, facts)).filter((fact) => fact !== null);
};
type MakeFact = (page: Page, shown: Shown, facts: ProgramFacts) => Fact | null;

/** A fact by the keys of its question and its answer. */
const fact = (page: Page, key: string, values: Record<string, string>, answer = key): Fact => ({
  question: page.say(`code_ask_${key}`, values),
  answer: page.say(`code_tell_${answer}`, values),
});

const arrayFact: MakeFact = (page, shown, facts) => {
  const { reading, choice } = shown;
  const { output, state } = arraysOf(shown);
  if (choice.library === "keras") return fact(page, "arrays", { output, state }, "arrays_keras");
  const told = fact(page, "arrays", { output, state });
  if (reading.directions > 1) return told;
  const [[one, other]] = sameEnds(facts, choice);
  return { ...told, answer: `${told.answer} ${asCode(`${one} == ${other}`)}` };
};

const endsFact: MakeFact = (page, shown, facts) => {
  const { reading, choice } = shown;
  if (reading.directions === 1) return null;
  const { units } = reading;
  const keras = choice.library === "keras";
  const [forward, backward] = keras
    ? [
        `forward_h == output[:, ${choice.batch === "packed" ? reading.read - 1 : -1}, :${units}]`,
        `backward_h == output[:, 0, ${units}:]`,
      ]
    : sameEnds(facts, choice).map((pair) => pair.join(" == "));
  const wrong = keras || choice.batchFirst ? `output[:, -1, ${units}:]` : `output[-1, :, ${units}:]`;
  const values = { forward: asCode(forward), backward: asCode(backward), wrong: asCode(wrong) };
  return fact(page, "ends", values, choice.batch === "packed" ? "ends_packed" : "ends");
};

const shapeFact: MakeFact = (page, shown, facts) => {
  const [x] = shapesOf(shown.reading, shown.choice, facts.known);
  return fact(page, "shape", { shape: asCode(written(x.sizes)), x: asCode("x") });
};

const POOLED: Partial<Record<string, string>> = {
  last: "last",
  "output-last": "output_last",
  mean: "mean",
  sum: "sum",
  max: "max",
  "max+mean": "max_mean",
};
const pooledFact: MakeFact = (page, shown, facts) => {
  const { choice } = shown;
  const pooled = choice.library === "keras" ? kerasPooled(facts, choice) : pooledCode(facts, choice);
  const kind = POOLED[facts.known.pooling ?? ""];
  if (pooled === null || kind === undefined) return null;
  const both = kind === "output_last" && shown.reading.directions > 1 ? "_both" : "";
  return fact(page, "pooled", { ...arraysOf(shown), code: asCode(pooled) }, `pooled_${kind}${both}`);
};

/** In PyTorch's order and in that of Keras, with its own letters. */
const ORDERS: Partial<Record<string, [pytorch: string, keras: string]>> = {
  lstm: ["i, f, g, o", "i, f, c, o"],
  gru: ["r, z, n", "z, r, h"],
};
const gatesFact: MakeFact = (page, { reading, here }) => {
  const orders = ORDERS[reading.cell];
  if (!orders) return null;
  const blocks = orders[0].split(", ").length;
  const end = `_l${here.layer}${here.direction ? "_reverse" : ""}`;
  const rows = counting(blocks).map((block) => block * reading.units + here.unit);
  return fact(page, "gates", {
    pytorch: asCode(orders[0]),
    keras: asCode(orders[1]),
    unit: String(here.unit),
    rows: asCode(rows.join(", ")),
    weight: asCode(`weight_ih${end}`),
  });
};

const biasFact: MakeFact = (page, { reading, here }) => {
  const end = `_l${here.layer}${here.direction ? "_reverse" : ""}`;
  const values = { one: asCode(`bias_ih${end}`), other: asCode(`bias_hh${end}`), inner: asCode("r · (U h′ + b′)") };
  const shape = asCode(written([2, 3 * reading.units]));
  return fact(page, "biases", { ...values, shape }, reading.cell === "gru" ? "biases_gru" : "biases");
};

const keepFact: MakeFact = (page, { reading }) =>
  reading.cell === "gru" ? fact(page, "keep", { equation: asCode("h = z · h′ + (1 − z) · n") }) : null;

const resetFact: MakeFact = (page, { reading }) =>
  reading.cell === "gru"
    ? fact(page, "reset", {
        after: asCode("r · (U h′ + b′)"),
        before: asCode("U (r · h′) + b′"),
        flag: asCode("reset_after=False"),
      })
    : null;

/** What stands beside the numbers: what the page does not hold, and why. */
const noticesOf = (page: Page, shown: Shown): string[] => {
  const { reading, choice, here } = shown;
  const { start, tokens, read, layers, ghost } = reading;
  const names = arraysOf(shown);
  const first = start + 1;
  const window = { first, last: start + tokens.length, count: read };
  return [
    ...(ghost ? [page.say("code_held")] : []),
    ...(tokens.length < read ? [page.say("code_window", window)] : []),
    ...(choice.batch === "padded" && shown.padded === null
      ? [page.say("code_unread", { count: stepsOf(reading, choice) - read })]
      : []),
    ...(here.layer < layers - 1 ? [page.say("code_inner", { ...names, unit: page.unitOf(here) })] : []),
  ];
};

/** What the view says of a reading. */
export interface CodeFacts {
  /** What the last choice has changed. */
  said: string;
  /** What the page does not hold, and why. */
  notices: string[];
  questions: Fact[];
}

export const codeFacts = (page: Page, shown: Shown, facts: ProgramFacts, changed: Changed): CodeFacts => ({
  said: changeSentence(page, shown, facts.known, changed),
  notices: noticesOf(page, shown),
  questions: factsOf(page, shown, facts),
});
