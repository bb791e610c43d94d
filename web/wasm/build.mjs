// Turns products.wat into src/engine/productsWasm.ts: `npm run wasm`.
import { readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const folder = new URL(".", import.meta.url);
const { parseWat } = await wabt();
const source = parseWat("products.wat", readFileSync(new URL("products.wat", folder)), { simd: true });
const base64 = Buffer.from(source.toBinary({}).buffer).toString("base64");
const lines = ["// Made from wasm/products.wat by `npm run wasm`: WebAssembly in base64.", ""];
lines.push("// biome-ignore format: one text", `export const PRODUCTS =\n  "${base64}";`, "");
writeFileSync(new URL("../src/engine/productsWasm.ts", folder), lines.join("\n"));
