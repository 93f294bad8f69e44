/** Whatever a command is to write, what is there already stays: each says so before it does anything, and in the same way. */
import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { graphBuilder } from "../../../onnx/index.ts";
import { commands } from "../../../server/cli/commands.ts";
import { asNewFile, writeNewFile } from "../../../server/cli/output-file.ts";
import { allOrNone, unfinished } from "../../../server/files/atomic.ts";
import { writeModelFile } from "../../../server/files/built-models.ts";
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

/** Where nothing can be: whoever typed it is told which part of it is wrong. */
const nowhere = { "below a file": join(there, "x.onnx"), "far below one": join(there, "a", "b", "x.onnx") };
test.each(Object.entries(nowhere))("a place %s is told as that", async (_, path) => {
  const { code, err } = await guidegraph(["convert", model, "-o", path]);
  expect([code, err]).toEqual([2, [`Cannot write ${path}: ${there} is a file`]]);
});

test("a name that is too long is told as that", async () => {
  const path = join(folder, `${"a".repeat(252)}.onnx`);
  const { code, err } = await guidegraph(["grad", model, "-o", path]);
  expect([code, err]).toEqual([2, [`Cannot write ${path}: its name is too long for a file`]]);
});

test("of what is of use together nothing stays alone, and what has come meanwhile is named", async () => {
  const out = temporaryFolder();
  const [own, weights, last] = ["m.onnx", "m.onnx.data", "z.json"].map((name) => join(out, name));
  const op = graphBuilder();
  const weight = op.weight("weight", { type: "float32", dims: [4096], data: new Uint8Array(16_384) });
  op.output("y", op.Mul(op.input("x", "float32", [1]), weight), "float32", [4096]);
  const small = op.model("small");
  const written = (check: () => Promise<unknown>) =>
    asNewFile(own, (options) => writeModelFile(own, small, { ...options, check, inlineLimitBytes: 1_000 }));
  const full = Object.assign(new Error("no room"), { code: "ENOSPC" });
  // The weights are there by then, for as long as the rest may come: also for whoever ends the process.
  const fails = async () => {
    expect([readdirSync(out), unfinished.has(weights)]).toEqual([["m.onnx.data"], true]);
    throw full;
  };
  await expect(written(fails)).rejects.toBe(full);
  expect([readdirSync(out), unfinished.has(weights)]).toEqual([[], false]);
  const faster = async () => writeFileSync(own, "another's");
  await expect(written(faster)).rejects.toThrow(`${own} is there already`);
  expect(readdirSync(out)).toEqual(["m.onnx"]);
  rmSync(own);
  writeFileSync(weights, "another's");
  await expect(written(async () => {})).rejects.toThrow(`${weights} is there already`);
  expect(readdirSync(out)).toEqual(["m.onnx.data"]);
  const some = allOrNone(async (put) => {
    await writeNewFile(last, Buffer.from("1"));
    put(last);
    throw full;
  });
  await expect(some).rejects.toBe(full);
  expect(readdirSync(out)).toEqual(["m.onnx.data"]);
});

test("the same command again finds the graph that it has written itself", async () => {
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
