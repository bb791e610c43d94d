// The equations of a cell with the numbers of one unit at one word, as lines of text that add up as they are written.

import type { CellKind } from "../client/types";
import type { Numbers } from "./cellNumbers";
import { apart } from "./numbers";

/** The symbol that a line defines, empty where it goes on with the line above; and what it is equal to. */
export interface EquationLine {
  symbol: string;
  equals: string;
}
/** A number as the page's language writes it, with so many digits. */
export type Signed = (value: number, digits: number) => string;

class Equations {
  private readonly numbers: Numbers;
  private readonly signed: Signed;

  constructor(numbers: Numbers, signed: Signed) {
    this.numbers = numbers;
    this.signed = signed;
  }

  lstm(): EquationLine[] {
    const { at, before, kept } = this.numbers;
    const products = `${this.product(at.forget, before)} + ${this.product(at.input, at.candidate)}`;
    return [
      { symbol: "c", equals: "f · c′ + i · g" },
      { symbol: "", equals: products },
      { symbol: "", equals: `${this.sum(kept, this.added(at.cell))} = ${this.number(at.cell)}` },
      { symbol: "h", equals: "o · tanh(c)" },
      { symbol: "", equals: `${this.product(at.output, Math.tanh(at.cell))} = ${this.number(at.hidden)}` },
    ];
  }
  gru(): EquationLine[] {
    const { at, before, kept, rest } = this.numbers;
    return [
      { symbol: "h", equals: "z · h′ + (1 − z) · n" },
      { symbol: "", equals: `${this.product(at.update, before)} + ${this.product(rest, at.candidate)}` },
      { symbol: "", equals: `${this.sum(kept, this.added(at.hidden))} = ${this.number(at.hidden)}` },
    ];
  }
  rnn(nonlinearity: string): EquationLine[] {
    return [
      { symbol: "h", equals: `${nonlinearity}(W x + U h′ + b)` },
      { symbol: "", equals: this.number(this.numbers.at.hidden) },
    ];
  }

  /** What is added to the memory, as it is written: the difference of the two written numbers around it. */
  private added(after: number): number {
    const { kept, added, digits } = this.numbers;
    return kept === null ? (added ?? 0) : apart(kept, after, digits);
  }
  private number(value: number | null): string {
    return value === null ? "?" : this.signed(value, this.numbers.digits);
  }
  /** Whether a number is written with a minus. */
  private isBelow(value: number): boolean {
    return value <= -0.5 / 10 ** this.numbers.digits;
  }
  private sum(left: number | null, right: number): string {
    return `${this.number(left)} ${this.isBelow(right) ? "−" : "+"} ${this.number(Math.abs(right))}`;
  }
  private product(left: number | null, right: number | null): string {
    const second = this.number(right);
    const factor = right !== null && this.isBelow(right) ? `(${second})` : second;
    return this.number(left) + (this.numbers.digits > 2 ? "·" : " · ") + factor;
  }
}

/** The lines of a kind of cell whose state nobody holds. */
export const equationsOf = (cell: CellKind, numbers: Numbers, nonlinearity: string, signed: Signed): EquationLine[] => {
  const equations = new Equations(numbers, signed);
  if (cell === "lstm") return equations.lstm();
  return cell === "gru" ? equations.gru() : equations.rnn(nonlinearity);
};
