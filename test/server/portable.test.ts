/** What `npm run portable` packs, and how the bundle is started; packing it takes minutes. */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { packageVersion } from "../../server/files/package-root.ts";
import { bundled, root, run } from "../../server/portable-list.mjs";
import { temporaryFolder } from "../support/cli.ts";

test("it holds the built project and what that runs on, no tests, and models where they are wanted", () => {
  const paths: string[] = bundled(false);
  for (const path of ["server/guidegraph.mjs", "package.json", "node_modules/onnxruntime-node", "node_modules/sharp"])
    expect(paths).toContain(path);
  expect(paths).toContain("graphs/guided-ddim.json");
  const unwanted =
    /^(dist\/)?test\/|\.d\.ts$|^models\/.*\.(pt|onnx|npz)$|node_modules\/(vitest|onnxruntime-web|@types\/)/;
  expect(paths.filter((path) => unwanted.test(path))).toEqual([]);
  expect(bundled(true)).toContain("models/shapes32_diffusion.pt");
});

test("run.sh starts it by the Node beside it, wherever it is called from", () => {
  const bundle = temporaryFolder();
  mkdirSync(join(bundle, "bin"));
  symlinkSync(process.execPath, join(bundle, "bin", "node"));
  symlinkSync(root, join(bundle, "app"));
  writeFileSync(join(bundle, "run.sh"), run, { mode: 0o755 });
  const said = execFileSync(join(bundle, "run.sh"), ["--version"], {
    cwd: "/",
    encoding: "utf8",
    env: { PATH: process.env.PATH },
  });
  expect(said).toContain(packageVersion());
});
