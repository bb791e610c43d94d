// Rows as CSV.

/** A spreadsheet takes a text that begins so for a formula and computes it. */
export const harmless = (text: string): string => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text);

export const field = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

export type Value = string | number | boolean | null;
const written = (value: Value): string => {
  if (typeof value === "string") return field(harmless(value));
  return value === null ? "" : String(value);
};

const JSON_TEXT_OR_COMMA = /"(?:[^"\\]|\\.)*"|,/g;
const escaped = (sign: string): string => `\\u00${sign.charCodeAt(0).toString(16)}`;
/** The same JSON, split by a spreadsheet into cells of which no text begins one: it would be taken for a formula. */
const unsplit = (json: string): string =>
  json.replace(JSON_TEXT_OR_COMMA, (part) => (part === "," ? ", " : part.replace(/[,;]/g, escaped)));
/** Lines that begin with #, for programs to pass over: each a name and JSON. */
export const remarksOf = (remarks: object): string =>
  Object.entries(remarks)
    .map(([name, value]) => `# ${name}: ${unsplit(JSON.stringify(value))}\n`)
    .join("");

/** Remarks, then the heads and the rows. */
export const csvOf = (remarks: object, columns: string[], rows: Value[][]): string =>
  remarksOf(remarks) + [columns, ...rows].map((row) => `${row.map(written).join(",")}\n`).join("");
