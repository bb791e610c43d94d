// Writes src/engine/training/productsCode.ts. The compiler is no dependency of the front end, because it weighs 100 MB:
//
//     npm install --no-save assemblyscript@0.28.20 && node assembly/compile.mjs

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = import.meta.dirname;
const folder = mkdtempSync(join(tmpdir(), "products-"));
const code = join(folder, "products.wasm");
const asc = process.argv[2] ?? join(here, "../node_modules/assemblyscript/bin/asc.js");
const options = ["-O3", "--runtime", "stub", "--enable", "simd", "--noAssert", "--importMemory", "-o", code];
execFileSync(process.execPath, [asc, join(here, "products.ts"), ...options], { stdio: "inherit" });
const lines = readFileSync(code).toString("base64").match(/.{1,110}/g);
const text = [
  "// Made from assembly/products.ts by `node assembly/compile.mjs`: WebAssembly in base64.",
  "",
  `export const CODE =\n${lines.map((line) => `  "${line}"`).join(" +\n")};`,
  "",
].join("\n");
writeFileSync(join(here, "../src/engine/training/productsCode.ts"), text);
rmSync(folder, { recursive: true });
