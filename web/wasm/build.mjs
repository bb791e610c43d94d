// Turns what is written in WebAssembly's text into scripts: `npm run wasm`.
import { readFileSync, writeFileSync } from "node:fs";
import wabt from "wabt";

const MADE = { "kernel.wat": "engine/kernelWasm.ts", "training.wat": "engine/training/productsWasm.ts" };

const { parseWat } = await wabt();
for (const [text, script] of Object.entries(MADE)) {
  const source = parseWat(text, readFileSync(new URL(text, import.meta.url)), { simd: true });
  const base64 = Buffer.from(source.toBinary({}).buffer).toString("base64");
  const name = script.endsWith("kernelWasm.ts") ? "KERNEL" : "PRODUCTS";
  const lines = [`// Made from wasm/${text} by \`npm run wasm\`: WebAssembly in base64.`, ""];
  lines.push("// biome-ignore format: one text", `export const ${name} =\n  "${base64}";`, "");
  writeFileSync(new URL(`../src/${script}`, import.meta.url), lines.join("\n"));
}
