import { expect, it } from "vitest";
import { provenanceOf, type ViewData, viewCsv, viewJson } from "../src/model/viewData";

const DATA: ViewData = {
  what: "reach",
  networks: ["m"],
  texts: ['so "good"\n'],
  settings: { family: "f" },
  columns: ["word", "norm"],
  rows: [
    ["=1+1", 0.5],
    ["a,b", null],
  ],
};
const ABOUT = provenanceOf(DATA, [{ name: "m", weights_sha256: "ab" }], "0.1.0");

it("a table begins with what it comes from, a line each, and no word of it is a formula", () => {
  expect(viewCsv(DATA, ABOUT).split("\n")).toEqual([
    '# rnnviz: "0.1.0"',
    '# view: "reach"',
    '# networks: [{"name":"m", "weights_sha256":"ab"}]',
    '# texts: ["so \\"good\\"\\n"]',
    "# holds: []",
    '# settings: {"family":"f"}',
    "word,norm",
    "'=1+1,0.5",
    '"a,b",',
    "",
  ]);
});

it("as JSON every text stays as it is", () => {
  expect(JSON.parse(viewJson(DATA, ABOUT))).toEqual({ provenance: ABOUT, columns: DATA.columns, rows: DATA.rows });
});

it("no text of a remark becomes a cell of its own, and all of it is still there", () => {
  const texts = ["a,=1+1,b", "=2", '@"x"; +3', "-4\r\n=5"];
  const [line, next] = viewCsv(DATA, { ...ABOUT, texts })
    .split("\n")
    .slice(3);
  expect(JSON.parse(line.slice("# texts: ".length))).toEqual(texts);
  expect(line.split(/[,;]/).filter((cell) => /^"?[=+\-@\t\r]/.test(cell))).toEqual([]);
  expect(next).toMatch(/^# holds/);
});
