// The engine as the page has it, with a loop around it that answers in Node: tests/web/engine.py asks.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "esnext",
    lib: { entry: "test/oracle/answers.ts", formats: ["es"], fileName: () => "answers.mjs" },
    rolldownOptions: { external: [/^node:/] },
  },
});
