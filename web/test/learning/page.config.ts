import { defineConfig } from "vite";

// What tests/browser/test_learning_worker.py opens: the training as part of one classic script, as in the page.
export default defineConfig({
  root: import.meta.dirname,
  logLevel: "warn",
  build: {
    target: "esnext",
    lib: { entry: "page.ts", name: "learning", formats: ["iife"], fileName: () => "page.js" },
  },
});
