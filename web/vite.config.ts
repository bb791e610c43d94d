import { defineConfig } from "vitest/config";

// One classic script and one style sheet: the page runs them from memory, and a saved file has nothing beside it.
export default defineConfig({
  build: {
    outDir: "../rnnviz/page/static",
    emptyOutDir: true,
    target: "esnext", // as it is written: what the page needs of a browser is decided in the source
    cssMinify: false, // a minifier moves rules into shorthands that browsers read otherwise (animation-timeline)
    lib: {
      entry: "src/main.ts",
      name: "rnnviz",
      formats: ["iife"],
      fileName: () => "rnnviz.js",
      cssFileName: "rnnviz",
    },
    rolldownOptions: {
      output: { exports: "named", postBanner: "/* Built from web/ by `make web`: change it there. */\n" },
    },
  },
  test: { pool: "threads", isolate: false, maxWorkers: 1 }, // pure code: nothing to keep apart, and quicker so
});
