// Texts and numbers as Python writes them.

/** A text as Python's `repr` writes it, as far as names of networks need it. */
export const quoted = (text: string): string => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  return mark + text.replaceAll("\\", "\\\\").replaceAll(mark, `\\${mark}`) + mark;
};

/** A whole number as Python's `{:,}` writes it. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** The mantissa and the exponent of a number with so many digits that count; a tie goes to the even digit. */
const scientific = (value: number, digits: number): [string, number] => {
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const [exact] = value.toExponential(100).split("e");
  const rest = exact.slice(mantissa.length + (digits === 1 ? 1 : 0));
  const last = Number(mantissa.at(-1));
  const isTie = /^50*$/.test(rest) && last % 2 === 1; // JavaScript went up, to an odd digit
  return [isTie ? mantissa.slice(0, -1) + (last - 1) : mantissa, Number(power)];
};

/** A number as Python's `{:.Ng}` writes it: so many digits that count, no zeros at the end. */
export const general = (value: number, digits: number): string => {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [mantissa, exponent] = scientific(value, digits);
  if (exponent >= -4 && exponent < digits) {
    return withoutZeros(Number(`${mantissa}e${exponent}`).toFixed(digits - 1 - exponent));
  }
  const size = String(Math.abs(exponent)).padStart(2, "0");
  return `${withoutZeros(mantissa)}e${exponent < 0 ? "-" : "+"}${size}`;
};

const withoutZeros = (digits: string): string => (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits);
