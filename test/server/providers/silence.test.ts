/** Native code writes to stderr past everybody: whatever fails there is told by what is thrown, and by nothing else. */
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { programAt } from "../../../server/files/package-root.ts";

const module = (path: string): string => JSON.stringify(pathToFileURL(path).href);

/** A session that cannot be made, a run that fails, and a card that is not there. */
const failing = `
  const { createRequire } = await import("node:module");
  const require = createRequire(MAIN);
  const { Tensor } = require("onnxruntime-common");
  const [{ nativeProvider }, { chooseProvider, whyUnusable }, { graphBuilder, writeModel }] = await Promise.all(
    ["server/providers/native.js", "server/providers/choose.js", "onnx/index.js"].map((name) => import(new URL(name, DIST))),
  );
  const why = (work) => work.then(() => "nothing", (error) => error.message.split("\\n")[0]);
  const cpu = nativeProvider("cpu", { threads: 1 });
  const said = [await why(cpu.createSession({ bytes: 1, model: Uint8Array.of(7), external: [] }))];
  const op = graphBuilder();
  op.output("y", op.Add(op.input("a", "float32", ["A"]), op.input("b", "float32", ["B"])), "float32", ["C"]);
  const session = await cpu.createSession({ bytes: 0, model: await writeModel(op.model("probe")), external: [] });
  const zeros = (length) => new Tensor("float32", new Float32Array(length), [length]);
  said.push(await why(session.run({ a: zeros(3), b: zeros(4) })));
  said.push(await why(chooseProvider("webgpu", { threads: 1 }, () => {})));
  said.push(await whyUnusable(nativeProvider("cuda", { threads: 1 })));
  console.log(JSON.stringify(said));
`;

test("nothing that fails in native code reaches stderr", () => {
  const dist = new URL("../../", pathToFileURL(programAt("worker/main")));
  expect(dist.pathname).toMatch(/dist/);
  const source = failing.replaceAll("DIST", JSON.stringify(dist.href)).replaceAll("MAIN", module(import.meta.filename));
  const { VK_ICD_FILENAMES: _, LD_LIBRARY_PATH: __, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", source], {
    encoding: "utf8",
    env,
  });
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toHaveLength(4);
});
