import { describe, expect, it } from "vitest";
import { CELL_PLANS, endOf } from "../src/model/cellPlans";
import { equationsOf } from "../src/model/equations";

const signed = (value: number, digits: number) => value.toFixed(digits).replace("-", "−");
const NUMBERS = { first: false, held: false, state: 0, keeper: 0.5, rest: null, digits: 2 };
const written = (...found: Parameters<typeof equationsOf>) => equationsOf(...found).map(({ equals }) => equals);

describe("the equations of a cell", () => {
  it("add up as they are written, with a minus where the second part is below zero", () => {
    const at = { forget: 0.5, input: 1, candidate: -0.3, cell: -0.05, output: 1, hidden: -0.05 };
    const lines = written("lstm", { ...NUMBERS, at, before: 0.5, kept: 0.25, added: -0.3 }, "tanh", signed);
    expect(lines[1]).toBe("0.50 · 0.50 + 1.00 · (−0.30)");
    expect(lines[2]).toBe("0.25 − 0.30 = −0.05");
  });

  it("have a question mark for what is outside the window", () => {
    const at = { reset: 1, update: 0.5, candidate: 0.5, hidden: 0.5 };
    const lines = written("gru", { ...NUMBERS, at, before: null, kept: null, added: 0.25, rest: 0.5 }, "tanh", signed);
    expect(lines[1]).toBe("0.50 · ? + 0.50 · 0.50");
    expect(lines[2]).toBe("? + 0.25 = 0.50");
  });

  it("name a plain RNN's own function", () => {
    const numbers = { ...NUMBERS, at: { hidden: 0.1 }, before: 0, keeper: null, kept: null, added: null };
    expect(written("rnn", numbers, "relu", signed)).toEqual(["relu(W x + U h′ + b)", "0.10"]);
  });
});

describe("the wires of a folded cell", () => {
  it("end where their path does, and turn as its last stretch does", () => {
    expect(endOf("M44 44H75")).toEqual({ x: 75, y: 44, turn: 0 });
    expect(endOf("M188 112V88H171")).toEqual({ x: 171, y: 88, turn: 180 });
    expect(endOf("M281 32V10H23V32")).toEqual({ x: 23, y: 32, turn: 90 });
    expect(endOf("M84 112V53")).toEqual({ x: 84, y: 53, turn: 270 });
  });

  it("lead to a part of the drawing", () => {
    for (const { chips, operations, wires } of Object.values(CELL_PLANS)) {
      const places = [...chips, ...operations];
      for (const [key, path, arrow] of wires) {
        if (!arrow) continue;
        const { x, y } = endOf(path);
        expect(
          places.some(([, , left, top]) => Math.hypot(left - x, top - y) < 25),
          `${key} ${path}`,
        ).toBe(true);
      }
    }
  });
});
