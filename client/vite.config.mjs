import { defineConfig } from "vite";

/**
 * litegraph's core build is a script that puts its classes on `this`. It becomes a module here, so that nothing of it
 * lands in the global scope.
 */
/** @type {import("vite").Plugin} */
const litegraph = {
  name: "litegraph-as-module",
  enforce: "pre",
  transform(code, id) {
    if (!id.endsWith("litegraph.core.js")) return undefined;
    const names = "LiteGraph, LGraph, LGraphNode, LGraphGroup, LGraphCanvas";
    return {
      code: `const root = {};\n(function (exports) {\n${code}\n}).call(root, undefined);\nexport const { ${names} } = root;\nexport const { LLink } = root.LiteGraph;`,
      map: null,
    };
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  plugins: [litegraph],
  optimizeDeps: { exclude: ["litegraph.js"] },
  build: {
    outDir: "../dist/editor",
    emptyOutDir: true,
    target: "es2023",
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
  },
  server: { proxy: { "/api": { target: "http://127.0.0.1:8188", ws: true } } },
});
