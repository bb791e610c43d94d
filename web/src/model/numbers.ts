// Numbers as they are shown: what is written as a sum adds up as it is written.

/** The place of the largest number. */
export const argmax = (numbers: readonly number[]): number => numbers.indexOf(Math.max(...numbers));
export const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
export const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
export const counting = (count: number): number[] => [...Array(count).keys()];
export const last = <T>(values: readonly T[]): T => values[values.length - 1];

/** How many digits after the point make the parts, as they are written, add up to their sum: two, or a few more. */
export const digitsFor = (parts: number[], total: number, most = 5): number => {
  const whole = (value: number, digits: number) => Math.sign(value) * Math.round(Math.abs(value) * 10 ** digits);
  const adds = (digits: number) => sum(parts.map((part) => whole(part, digits))) === whole(total, digits);
  let digits = 2;
  while (digits < most && !adds(digits)) digits += 1;
  return digits;
};

/** The difference of two numbers as they are written. */
export const apart = (one: number, other: number, digits = 2): number =>
  (Math.round(other * 10 ** digits) - Math.round(one * 10 ** digits)) / 10 ** digits;

/** Shares of one whole in whole per cent that add up to 100: the largest remainders are rounded up. */
export const wholePercents = (parts: number[]): number[] => {
  const floors = parts.map((part) => Math.floor(100 * part + 1e-9));
  const remainders = parts.map((part, place) => ({ place, rest: 100 * part - floors[place] }));
  remainders.sort((one, other) => other.rest - one.rest);
  const missing = Math.round(100 * sum(parts)) - sum(floors);
  for (const { place } of remainders.slice(0, Math.max(0, missing))) floors[place] += 1;
  return floors;
};
