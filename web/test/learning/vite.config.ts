import { defineConfig } from "vite";

// What tests/web/test_learning.py and benchmarks/browser_training.py run in Node: the engine, as it is built for the page.
export default defineConfig({
  root: import.meta.dirname,
  logLevel: "warn",
  build: {
    target: "esnext",
    minify: false,
    lib: {
      entry: { learning: "learning.ts", presets: "presets.ts" },
      formats: ["es"],
      fileName: (_, name) => `${name}.mjs`,
    },
    rolldownOptions: { external: /^node:/ },
  },
});
