// Turns training.wat into src/engine/training/productsWasm.ts: `npm run wasm:training`.
import { readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const folder = new URL(".", import.meta.url);
const { parseWat } = await wabt();
const source = parseWat("training.wat", readFileSync(new URL("training.wat", folder)), { simd: true });
const base64 = Buffer.from(source.toBinary({}).buffer).toString("base64");
const lines = ["// Made from wasm/training.wat by `npm run wasm:training`: WebAssembly in base64.", ""];
lines.push("// biome-ignore format: one text", `export const PRODUCTS =\n  "${base64}";`, "");
writeFileSync(new URL("../src/engine/training/productsWasm.ts", folder), lines.join("\n"));
