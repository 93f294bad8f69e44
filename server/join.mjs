// Joins the built modules into few files in dist/joined/: a process reads sixty in a third of the time it takes for eight hundred.
// They share their parts, so that a node brought by somebody (`--nodes`) speaks with the same modules as the program.
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** That are started; with them is joined what the package exports. */
const programs = ["cli/main", "worker/main", "doctor/probe", "runs/copy-database"].map((name) => `server/${name}`);
/** Packages of very many small modules, or of which little is used, joined too; the others stay where npm puts them. */
const joinedToo = ["@bufbuild/protobuf", "@noble/hashes", "fast-png", "ml-matrix", "rxjs", "zod"];

/** `root`: of the repository, built by TypeScript. */
export async function joinModules(root) {
  const dist = join(root, "dist");
  const [outdir, joined] = ["joining", "joined"].map((name) => join(dist, name));
  rmSync(outdir, { recursive: true, force: true });
  const { dependencies, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const exported = Object.values(exports).flatMap(
    (entry) => /^\.\/dist\/joined\/(.*)\.js$/.exec(entry.default)?.[1] ?? [],
  );
  createRequire(import.meta.url)("esbuild").buildSync({
    entryPoints: [...programs, ...exported].map((name) => join(dist, `${name}.js`)),
    outbase: dist,
    outdir,
    chunkNames: "parts/[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    // As modules, of which only what is used is taken; what rxjs offers to Node first is not.
    mainFields: ["module", "main"],
    alias: { rxjs: join(root, "node_modules", "rxjs", "dist", "esm", "index.js") },
    external: Object.keys(dependencies).filter((name) => !joinedToo.includes(name)),
    legalComments: "linked",
    logLevel: "error",
  });
  // It cannot be told from the parts: see builderHash.
  const { codeHash } = await import(pathToFileURL(join(dist, "server", "files", "code-hash.js")).href);
  writeFileSync(join(outdir, "builder"), codeHash(join(dist, "onnx")));
  // At once: a server that runs has read most of them, but not all.
  rmSync(joined, { recursive: true, force: true });
  renameSync(outdir, joined);
}
