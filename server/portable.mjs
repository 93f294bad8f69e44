// `npm run portable [-- --models]`: what a machine without network needs to run everything but the tests, as one archive for
// Linux x64: this Node, the built project, the packages that it runs on. With --models, the demo's checkpoints too.
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { bundled, command, manifest, root, run, unread } from "./portable-list.mjs";

/** What people carry over slow lines. */
const mostBytes = 60e6;
const readme = (version, hasModels) => `GuideGraph ${version} for Linux x64, with Node ${process.version.slice(1)}

  ./run.sh serve                       the editor, at the address it prints
  ./run.sh run graph.json --out out    a graph
  ./run.sh doctor                      whether all is well
  ./run.sh measure -o FILE.json        how fast its devices are, in eight minutes

It needs glibc 2.28 or newer and libstdc++, as Node does, a writable HOME (or --data and --cache), and no network. ${
  hasModels ? "The demo's models are in app/models." : "Models of your own: --models DIR. The demo's are not in here."
}
CUDA: its provider is fetched by npm run install-cuda, where there is a network, and goes to
app/node_modules/onnxruntime-node/bin/napi-v6/linux/x64. WebGPU and the processor work as they are; --backend wasm is left out.
Node's licence: https://github.com/nodejs/node/blob/${process.version}/LICENSE
`;

function portable(hasModels) {
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error("A portable bundle is made on Linux x64, for Linux x64");
  if (!existsSync(join(root, "dist", "built"))) throw new Error("It is not built: npm run build");
  const { version } = manifest("package.json");
  const stage = mkdtempSync(join(tmpdir(), "guidegraph-portable-"));
  const name = `guidegraph-${version}-linux-x64`;
  const app = join(stage, name, "app");
  try {
    for (const path of bundled(hasModels)) copy(path, app);
    mkdirSync(join(stage, name, "bin"));
    cpSync(process.execPath, join(stage, name, "bin", "node"));
    writeFileSync(join(stage, name, "run.sh"), run);
    chmodSync(join(stage, name, "run.sh"), 0o755);
    writeFileSync(join(stage, name, "README"), readme(version, hasModels));
    const archive = join(root, `${name}.tar.xz`);
    command("tar", ["-C", stage, "--owner=0", "--group=0", "--sort=name", "-cJf", archive, name], { XZ_OPT: "-6 -T0" });
    const { size } = statSync(archive);
    console.log(`${basename(archive)}: ${(size / 1e6).toFixed(1)} MB`);
    if (size > mostBytes && !hasModels) throw new Error(`It is more than ${mostBytes / 1e6} MB`);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function copy(path, app) {
  mkdirSync(dirname(join(app, path)), { recursive: true });
  const isWanted = (source) =>
    // Packages within packages have a row of their own; other systems' libraries stay.
    !unread.test(source) &&
    !/\/bin\/napi-v\d+\/(darwin|win32|linux\/arm64)/.test(source) &&
    !source.slice(join(root, path).length).startsWith("/node_modules");
  cpSync(join(root, path), join(app, path), { recursive: true, dereference: true, filter: isWanted });
}

try {
  portable(process.argv.includes("--models"));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
