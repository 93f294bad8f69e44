import { defineConfig } from "vite";

/** One module for bundlers and for `<script type="module">`; litegraph is not in it, the host hands in its own. */
export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  build: {
    lib: { entry: "index.ts", formats: ["es"], fileName: () => "litegraph.js" },
    outDir: "../../dist/plugin",
    emptyOutDir: true,
    target: "es2023",
    minify: "esbuild",
    sourcemap: true,
  },
});
