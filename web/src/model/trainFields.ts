// What stands in the fields of the view Train.

import type { Offer } from "../client/types";

export const RATES = ["low", "good", "high"] as const;

export type Field = "units" | "length" | "rate" | "watch" | "bias" | "detach";
export type Fields = Readonly<Record<Field, string>>;

/** What a task begins with. */
export const usualFields = ({ units, length, rates }: Offer): Fields => ({
  units: String(units),
  length: String(length?.default ?? ""),
  rate: String(rates.good),
  watch: "",
  bias: "",
  detach: "",
});

/**
 * The fields after another task was chosen: what somebody wrote stays, but for a sentence of the other task, and a length
 * that the new one does not offer.
 */
export const carriedFields = (fields: Fields, from: Offer, to: Offer): Fields => {
  const [before, after] = [usualFields(from), usualFields(to)];
  const kept = (field: Field): string => (fields[field] === before[field] ? after[field] : fields[field]);
  const preset = RATES.find((name) => from.rates[name] === Number(fields.rate));
  const words = Number(fields.length);
  const fits = to.length !== null && from.length !== null && to.length.least <= words && words <= to.length.most;
  return {
    ...fields,
    units: kept("units"),
    length: fits ? kept("length") : after.length,
    rate: preset ? String(to.rates[preset]) : fields.rate,
    watch: "",
  };
};

/** A task's example as long as the texts would be: each of its beginnings is such a text too. */
export const exampleOf = (text: string, { length }: Offer, written: string): string => {
  const words = Number(written);
  if (!length || !(words >= length.least)) return text;
  return text.split(" ").slice(0, words).join(" ");
};
