import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import wabt from "wabt";
import { PRODUCTS } from "../../src/engine/productsWasm";

test("the WebAssembly that is committed is made of the text beside it: npm run wasm", async () => {
  const source = readFileSync(new URL("../../wasm/products.wat", import.meta.url));
  const { parseWat } = await wabt();
  const made = parseWat("products.wat", source, { simd: true }).toBinary({}).buffer;
  expect(PRODUCTS).toBe(Buffer.from(made).toString("base64"));
});
