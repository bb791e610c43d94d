import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import wabt from "wabt";
import { KERNEL } from "../../src/engine/kernelWasm";
import { PRODUCTS } from "../../src/engine/training/productsWasm";

test.each([
  ["kernel.wat", KERNEL],
  ["training.wat", PRODUCTS],
])("the WebAssembly that is committed is made of the text beside it, %s: npm run wasm", async (text, committed) => {
  const source = readFileSync(new URL(`../../wasm/${text}`, import.meta.url));
  const { parseWat } = await wabt();
  const made = parseWat(text, source, { simd: true }).toBinary({}).buffer;
  expect(committed).toBe(Buffer.from(made).toString("base64"));
});
