import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { sha256 } from "../../src/engine/files";
import { general } from "../../src/engine/pythonText";
import { sigmoid, tanh } from "../../src/engine/squash";
import { base64Of } from "../../src/model/base64";

test("sigmoid and tanh are those of the library to 1e-13, and never leave their range", () => {
  let worst = 0;
  let within = true;
  for (let x = -60; x <= 60; x += 0.0037) {
    worst = Math.max(worst, Math.abs(sigmoid(x) - 1 / (1 + Math.exp(-x))), Math.abs(tanh(x) - Math.tanh(x)));
    within &&= sigmoid(x) >= 0 && sigmoid(x) <= 1 && Math.abs(tanh(x)) <= 1;
  }
  expect(worst).toBeLessThan(1e-13);
  expect(within).toBe(true);
});

test("where numbers end, sigmoid and tanh are at their ends", () => {
  expect([sigmoid(Number.POSITIVE_INFINITY), sigmoid(1e300)]).toEqual([1, 1]);
  expect(sigmoid(Number.NEGATIVE_INFINITY)).toBeLessThan(1e-16);
  expect([tanh(Number.POSITIVE_INFINITY), tanh(Number.NEGATIVE_INFINITY)]).toEqual([1, -1]);
  expect([sigmoid(Number.NaN), tanh(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
});

test("a hash is the same with SubtleCrypto and without", async () => {
  for (const size of [0, 1, 55, 56, 64, 1_000, 70_000]) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 7) % 256);
    const expected = createHash("sha256").update(bytes).digest("hex");
    expect(await sha256(bytes)).toBe(expected);
    expect(await sha256(bytes, null)).toBe(expected);
  }
});

test("bytes of every length have the base64 that Node gives them", () => {
  for (let size = 0; size < 300; size += 1) {
    const bytes = Uint8Array.from({ length: size }, (_, at) => (at * 151 + size) % 256);
    expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString("base64"));
  }
});

// From Python: [f"{x:.7g}" for x in …]
test.each([
  [0, "0"],
  [-0, "-0"],
  [1, "1"],
  [-12345678, "-1.234568e+07"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1e-30, "1e-30"],
  [0.00048828125, "0.0004882812"],
  [9999999.5, "1e+07"],
  [123.456, "123.456"],
  [Number.NaN, "nan"],
  [Number.NEGATIVE_INFINITY, "-inf"],
])("%s is written as Python writes it", (value, written) => {
  expect(general(value, 7)).toBe(written);
});
