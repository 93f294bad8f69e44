/** Accuracy and Fréchet Distance over all batches of a run: what `evaluate` says of its file, however the run came about. */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeDocument } from "../../../graphs/document/index.ts";
import type { NumbersEvent } from "../../../nodes/index.ts";
import { writeNpz } from "../../../runtime/index.ts";
import { bundledModels, packageRoot } from "../../../server/files/package-root.ts";
import { guidegraph, temporaryFolder, testCache } from "../../support/cli.ts";
import { judgedGraph } from "../../support/judged.ts";
import { readNpz } from "../../support/npz.ts";

const folder = temporaryFolder();
const graph = join(folder, "judged.json");
writeFileSync(graph, JSON.stringify(writeDocument(judgedGraph(24, "real.npz"))));
const { arr_0 } = readNpz(join(bundledModels, "shapes32_reference.npz"));
const real = join(folder, "real.npz");
const chunks = [(arr_0.data as Uint8Array).slice(-100 * 32 * 32 * 3)];
writeFileSync(real, Buffer.concat(writeNpz({ arr_0: { type: "uint8", dims: [100, 32, 32, 3], chunks } })));
const batches = ["--batches", "4"];
const out = (name: string) => ["--out", join(folder, name)];

const numbersIn = (lines: readonly string[]): NumbersEvent["numbers"] =>
  Object.assign(
    {},
    ...lines.flatMap((line) => {
      const event = JSON.parse(line) as NumbersEvent | { readonly type: "other" };
      return event.type === "numbers" ? [event.numbers] : [];
    }),
  );
const once = guidegraph(["run", graph, "--images", folder, ...batches, ...out("once"), "--backend", "cpu", "--json"]);

test("the numbers are those of evaluate, with their intervals", async () => {
  const { code, out: lines } = await once;
  expect(code).toBe(0);
  const samples = join(folder, "once", "samples_96x32x32x3.npz");
  const evaluated = await guidegraph(["evaluate", samples, "--reference", real, "--backend", "cpu", "--json"]);
  const { accuracy, frechet } = JSON.parse(evaluated.out[0]);
  expect(numbersIn(lines)).toEqual({ accuracy, distance: frechet });
});

test("a reference's own mu and sigma are taken where they are of the reader's width, as by evaluate", async () => {
  const width = 64;
  const doubles = (dims: number[], at: (i: number) => number) => ({
    ...{ type: "float64", dims },
    chunks: [new Uint8Array(Float64Array.from({ length: dims.reduce((a, b) => a * b) }, (_, i) => at(i)).buffer)],
  });
  const told = {
    arr_0: { type: "uint8", dims: [100, 32, 32, 3], chunks },
    mu: doubles([width], (i) => i / width),
    sigma: doubles([width, width], (i) => Number(i % (width + 1) === 0)),
  };
  const by = temporaryFolder();
  writeFileSync(join(by, "real.npz"), Buffer.concat(writeNpz(told as Parameters<typeof writeNpz>[0])));
  const run = await guidegraph(["run", graph, "--images", by, ...out("told"), "--backend", "cpu", "--json"]);
  const samples = join(folder, "told", "samples_24x32x32x3.npz");
  const reference = ["--reference", join(by, "real.npz"), "--backend", "cpu", "--json"];
  const { frechet } = JSON.parse((await guidegraph(["evaluate", samples, ...reference])).out[0]);
  expect(numbersIn(run.out).distance).toEqual(frechet);
});

test("a person reads them in a line each, behind the files", async () => {
  const { code, out: lines } = await guidegraph(["run", graph, "--images", folder, ...out("read"), "--backend", "cpu"]);
  expect(code).toBe(0);
  expect(lines).toEqual([
    join(folder, "read", "samples_24x32x32x3.npz"),
    expect.stringMatching(/^Accuracy: accuracy [\d.]+ \[[\d.]+, [\d.]+\] of 24 pictures$/),
    expect.stringMatching(/^Fréchet Distance: distance [\d.]+ \[[\d.]+, [\d.]+\] of 24 pictures$/),
  ]);
});

test("on two devices, killed with -9 and gone on with, they are those of one go", async () => {
  const bin = join(packageRoot, "server/guidegraph.mjs");
  const args = ["run", graph, "--images", folder, ...batches, ...out("often"), "--devices", "cpu*2", "--json"];
  const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, GUIDEGRAPH_CACHE: testCache } });
  await new Promise<void>((resolve) => {
    child.stdout.on("data", (chunk) => /"type":"batch"/.test(String(chunk)) && child.kill("SIGKILL"));
    child.on("close", () => resolve());
  });
  const again = await guidegraph(args);
  expect(again.code).toBe(0);
  expect(again.err.join("\n")).toMatch(/Going on in .*: [1-4] of 4 batches are done/);
  expect(numbersIn(again.out)).toEqual(numbersIn((await once).out));
});

test.each([
  ["Accuracy.output=colour", /Accuracy.*output.*The labels go to 9, and this output tells 8 classes/],
  ["Accuracy.output=shapes", /The network has no output "shapes": there are "features"/],
  ["Fréchet Distance.reference=nothing.npz", /Fréchet Distance.*reference.*"nothing\.npz" is in no pictures folder/],
  ["Fréchet Distance.reference=", /choose real pictures/],
  ["Accuracy.file=shapes32_diffusion.pt", /Load Network takes ONNX files/],
])("%s is refused before anything runs", async (setting, said) => {
  const { code, err } = await guidegraph([
    "run",
    graph,
    "--images",
    folder,
    ...out("never"),
    "--backend",
    "cpu",
    "--set",
    setting,
  ]);
  expect(code).toBe(1);
  expect(err.join("\n")).toMatch(said);
});
