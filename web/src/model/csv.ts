// Rows as CSV.

/** A spreadsheet takes a text that begins so for a formula and computes it. */
export const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

export const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export type Value = string | number | boolean | null;
const written = (value: Value): string => {
  if (typeof value === "string") return field(harmless(value));
  return value === null ? "" : String(value);
};

/** Remarks, each a line that begins with #, then the heads and the rows. */
export const csvOf = (remarks: string[], columns: string[], rows: Value[][]): string =>
  [...remarks.map((remark) => `# ${remark}`), ...[columns, ...rows].map((row) => row.map(written).join(","))]
    .map((line) => `${line}\n`)
    .join("");
