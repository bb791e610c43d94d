import { expect, test } from "vitest";
import { type CodeChoice, outputOf, picked, type Shown, shapesOf, statesOf } from "../src/model/codeArrays";
import { literal, type ProgramFacts, pooledCode, programOf, sameEnds } from "../src/model/program";
import { unpackReading } from "../src/model/reading";
import { gru } from "./payloads";

const ALONE: CodeChoice = { library: "pytorch", batchFirst: true, batch: "alone" };
const here = { token: 1, unit: 0, layer: 0, direction: 0 };
const words = ["a", "b", "c"];
const reading = unpackReading(gru(words, [0, 0, 0], [0.25, -0.5, 1]));
const both = { ...reading, layers: 2, directions: 2, units: 64, value: () => 0.5 };
const shown = (choice: Partial<CodeChoice>, more: Partial<Shown> = {}): Shown => ({
  reading,
  padded: null,
  choice: { ...ALONE, ...choice },
  here,
  kept: here,
  ...more,
});
const facts = (more: Partial<ProgramFacts> = {}): ProgramFacts => ({
  model: "m",
  text: "a b c",
  reading,
  known: { pooling: "last", embedding: 8 },
  here,
  ...more,
});
const numbers = (one: Shown) => outputOf(one).rows.map((row) => row?.cells[0]?.value);

test("of a long axis its ends and what is wanted are shown, and never an ellipsis for a single one", () => {
  expect(picked(6, 2)).toEqual([0, 1, null, 4, 5]);
  expect(picked(5, 2)).toEqual([0, 1, 2, 3, 4]);
  expect(picked(32, 2, [10])).toEqual([0, 1, null, 10, null, 30, 31]);
  expect(picked(1, 3)).toEqual([0]);
});

test("the shapes say what comes first, and h_n does not care", () => {
  const sizes = (choice: Partial<CodeChoice>) =>
    shapesOf(both, { ...ALONE, ...choice }, { embedding: 100 }).map((one) => one.sizes);
  expect(sizes({})).toEqual([
    [1, 3, 100],
    [1, 3, 128],
    [4, 1, 64],
  ]);
  expect(sizes({ batchFirst: false })).toEqual([
    [3, 1, 100],
    [3, 1, 128],
    [4, 1, 64],
  ]);
  expect(sizes({ batch: "packed" })).toEqual([
    [1, 6, 100],
    [1, 6, 128],
    [4, 1, 64],
  ]);
  expect(sizes({ library: "keras", batchFirst: false })).toEqual([
    [1, 3, 100],
    [1, 3, 128],
    [1, 64],
  ]);
});

test("packed, the padding is 0 and the end stays; padded, both are those of the other reading", () => {
  const three = numbers(shown({}));
  expect(three[0]).toBeCloseTo(0.25, 3);
  expect(numbers(shown({ batch: "packed" })).slice(3)).toEqual([0, 0, 0]);
  expect(statesOf(shown({ batch: "packed" }), "hidden").rows[0]?.cells[0]?.value).toBe(three[2]);
  const padded = unpackReading(gru([...words, "p", "p", "p"], Array(6).fill(0), [0.25, -0.5, 1, 0.1, 0.2, 0.3]));
  expect(statesOf(shown({ batch: "padded" }, { padded }), "hidden").rows[0]?.cells[0]?.value).toBeCloseTo(0.3, 3);
  expect(numbers(shown({ batch: "padded" }))).toEqual(Array(6).fill(undefined)); // not read yet: nothing is made up
  expect(numbers(shown({ batch: "packed", library: "keras" })).slice(3)).toEqual([three[2], three[2], three[2]]);
});

test("both ways, the columns go on after the forward ones, and each direction has its own end", () => {
  const { columns, rows } = outputOf(shown({}, { reading: both, here: { ...here, layer: 1 } }));
  expect(columns).toEqual([0, 1, null, 62, 63, null, 64, 65, null, 126, 127]);
  const ends = (at: number) => rows[at]?.cells.filter((cell) => cell?.end).map((cell) => cell?.column);
  expect([ends(0), ends(1), ends(2)]).toEqual([[64, 65, 126, 127], [], [0, 1, 62, 63]]);
  expect(statesOf(shown({}, { reading: both }), "hidden").rows).toHaveLength(4);
});

test("a window that lacks an end has no number for it", () => {
  const window = unpackReading(gru(words, [0, 0, 0], [1, 1, 1], { read: 300, total: 300 }));
  expect(statesOf(shown({}, { reading: window }), "hidden").rows[0]?.cells[0]?.value).toBeUndefined();
});

test("where an end stands in output depends on what comes first and on packing", () => {
  const two = facts({ reading: both });
  expect(sameEnds(two, ALONE)).toEqual([
    ["h_n[-2]", "output[:, -1, :64]"],
    ["h_n[-1]", "output[:, 0, 64:]"],
  ]);
  expect(sameEnds(two, { ...ALONE, batchFirst: false })).toEqual([
    ["h_n[-2]", "output[-1, :, :64]"],
    ["h_n[-1]", "output[0, :, 64:]"],
  ]);
  expect(sameEnds(facts(), { ...ALONE, batch: "packed" })).toEqual([["h_n[-1]", "output[:, 2]"]]);
});

test("the linear layer takes what the network's pooling says, and nothing is said where nobody knows it", () => {
  const pooled = (pooling: string | undefined, choice = ALONE) =>
    pooledCode(facts({ reading: both, known: { pooling } }), choice);
  expect(pooled("last")).toBe("torch.cat([h_n[-2], h_n[-1]], dim=1)");
  expect(pooled("mean", { ...ALONE, batch: "packed", batchFirst: false })).toBe("output[:3].mean(dim=0)");
  expect(pooled(undefined)).toBeNull();
  expect(programOf(facts({ known: {} }), ALONE)).not.toContain("scores");
});

test("whatever is typed stays one literal of Python that shows what it holds", () => {
  expect(literal('a"b\\\n')).toBe('"a\\"b\\\\\\n"');
  expect(literal("a\u202eb\u2028\u200d\u{e0041}")).toBe('"a\\u202eb\\u2028\\u200d\\U000e0041"');
  const program = programOf(
    facts({ text: '")\nimport os #', reading: { ...reading, tokens: ["x", "\nimport os", "y"] } }),
    ALONE,
  );
  expect(program.split("\n").filter((line) => line.startsWith("import os"))).toEqual([]);
});

test("only the words that were read are read again", () => {
  const cut = { ...reading, read: 3, total: 9 };
  expect(programOf(facts({ reading: cut }), ALONE)).toContain("checkpoint.ids(text)[:3]]");
});
