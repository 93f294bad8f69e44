/** Whatever a command is to write, what is there already stays: each says so before it does anything, and in the same way. */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { commands } from "../../../server/cli/commands.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { sampleArguments } from "../../support/golden-cli.ts";
import { goldenFile } from "../../support/golden-file.ts";

const folder = temporaryFolder();
const there = join(folder, "there.npz");
writeFileSync(there, "mine");
writeFileSync(join(folder, "there.onnx.data"), "mine");
writeFileSync(join(folder, "sampler.onnx"), "mine");
writeFileSync(join(folder, "unet-32-float16.onnx"), "mine");
symlinkSync(join(folder, "nowhere"), join(folder, "link.json"));
/** A data folder, as far as it is looked at before. */
const data = temporaryFolder();
writeFileSync(join(data, "runs.db"), "");
const model = goldenFile("guided_ddim_cosine", "model.pt");

/** Each way to write a file of a chosen name, with one that is there; `run` and `sample` find names of their own. */
const written: Readonly<Record<string, readonly (readonly string[])[]>> = {
  gather: [["gather", "part.npz", "-o", there]],
  convert: [
    ["convert", model, "-o", there],
    ["convert", model, "-o", model],
    // Its weights would lie beside it.
    ["convert", model, "-o", join(folder, "there.onnx")],
  ],
  grad: [["grad", model, "-o", there]],
  measure: [
    ["measure", "-o", there],
    ["measure", "-o", join(folder, "link.json")],
    ["measure", "--graphs", folder],
  ],
  sample: [["sample", ...sampleArguments("guided_ddim_cosine"), "--emit-graph", there]],
  backup: [["backup", "--data", data, "-o", there]],
  export: [["export", "guided-ddim", "-o", folder]],
  run: [],
};

test("every command with -o is looked at here", () => {
  const withOut = Object.entries(commands).flatMap(([name, { flags }]) =>
    flags.out && "short" in flags.out ? [name] : [],
  );
  expect(withOut.sort()).toEqual(Object.keys(written).sort());
});

test.each(Object.values(written).flat())("%s %s … %s %s writes over nothing", async (...args) => {
  const { code, out, err } = await guidegraph(args);
  expect(code).toBeGreaterThan(0);
  expect({ out, err }).toEqual({ out: [], err: [expect.stringMatching(/ is there already/)] });
  expect(readFileSync(there, "utf8")).toBe("mine");
});

test("what goes on behind an interruption finds the graph that it has written itself", async () => {
  const graph = join(folder, "graph.json");
  const args = [
    "sample",
    ...sampleArguments("guided_ddim_cosine"),
    "--timestep_respacing",
    "ddim2",
    "--backend",
    "cpu",
  ];
  const again = () => guidegraph([...args, "--emit-graph", graph, "--out", join(folder, "out")]);
  expect((await again()).code).toBe(0);
  const before = readFileSync(graph);
  expect((await again()).code).toBe(0);
  expect(readFileSync(graph)).toEqual(before);
});
