/** The graph that `sample` stands for is a document like any other: it runs again, and draws the same. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { sampleArguments } from "../../support/golden-cli.ts";
import { goldenFile } from "../../support/golden-file.ts";
import { readNpz } from "../../support/npz.ts";

const backend = ["--backend", "cpu", "--threads", "1"];
const name = "guided_ddim_cosine";
const models = dirname(goldenFile(name, "model.pt"));

const whole = "4 pictures are drawn and 3 kept: a batch is always drawn whole";

test("the emitted graph names models by base name and sha256, and draws the same", async () => {
  const folder = temporaryFolder();
  const [graph, first, again] = ["graph.json", "first", "again"].map((file) => join(folder, file));
  const flags = [...sampleArguments(name), "--num_samples", "3", "--timestep_respacing", "ddim4"];
  expect(await guidegraph(["sample", ...flags, ...backend, "--out", first, "--emit-graph", graph])).toMatchObject({
    code: 0,
    err: [expect.stringMatching(/run it with --batches 2 for the same pictures$/), whole],
  });
  const text = readFileSync(graph, "utf8");
  expect(text).not.toContain(models);
  expect(text).toMatch(/"file": "model.pt"/);
  expect(text).toMatch(/"sha256": "[0-9a-f]{64}"/);
  const rerun = ["run", graph, "--models", models, "--batches", "2", ...backend, "--out", again];
  expect(await guidegraph(rerun)).toMatchObject({ code: 0, err: [whole] });
  const file = "samples_3x16x16x3.npz";
  expect(readNpz(join(again, file))).toEqual(readNpz(join(first, file)));
});

test("where nothing else is asked for the graph is written, and nothing drawn", async () => {
  const folder = temporaryFolder();
  const args = ["sample", ...sampleArguments(name), ...backend, "--emit-only", "--out", join(folder, "out")];
  expect(await guidegraph(args)).toMatchObject({ code: 2, err: [expect.stringMatching(/needs --emit-graph FILE/)] });
  const emitted = await guidegraph([...args, "--emit-graph", join(folder, "graph.json")]);
  expect(emitted).toMatchObject({ code: 0, out: [] });
  expect(readdirSync(folder)).toEqual(["graph.json"]);
});

test("a class-conditional image_sample draws its labels and writes them; philox does not mind the batch size", async () => {
  const folder = temporaryFolder();
  const flags = ["--model_path", goldenFile(name, "model.pt"), "--image_size", "16", "--num_head_channels", "16"];
  const more = ["--use_new_attention_order", "True", "--timestep_respacing", "3", "--num_samples", "4"];
  const sampled = async (batch: string) => {
    const out = join(folder, batch);
    const args = [...flags, ...more, "--noise", "philox", "--batch_size", batch, "--class_cond", "True", "--out", out];
    const { code, err } = await guidegraph(["sample", ...args, ...backend]);
    expect({ code, err }).toEqual({
      code: 0,
      err: batch === "1" ? [] : [expect.stringMatching(/^6 pictures .* 4 kept/)],
    });
    return readNpz(join(out, "samples_4x16x16x3.npz"));
  };
  const [one, three] = [await sampled("1"), await sampled("3")];
  expect(one.arr_1).toEqual(three.arr_1);
  expect(one.arr_1.dims).toEqual([4]);
  const differing = (one.arr_0.data as Uint8Array).filter((value, i) => value !== (three.arr_0.data as Uint8Array)[i]);
  expect(differing.length).toBeLessThan(30);
});

test("without --batch_size philox draws what is asked for alone, and torch the scripts' whole batch, which is said", async () => {
  const args = [...sampleArguments(name), "--timestep_respacing", "ddim2", "--use_ddim", "True", "--num_samples", "2"];
  const at = args.indexOf("--batch_size");
  if (at >= 0) args.splice(at, 2);
  const sampled = (noise: string) =>
    guidegraph(["sample", ...args, "--noise", noise, "--out", join(temporaryFolder(), noise), ...backend]);
  expect(await sampled("philox")).toMatchObject({ code: 0, err: [] });
  expect(await sampled("torch")).toMatchObject({
    code: 0,
    err: [
      expect.stringMatching(/^16 pictures are drawn and 2 kept: .*; --batch_size 2 draws 2 alone, perhaps other ones/),
    ],
  });
});

test("half precision on a processor is computed in float32, and said so in a line", async () => {
  const out = temporaryFolder();
  const args = [...sampleArguments("ddpm_fixed_sigma_xstart"), "--use_fp16", "True", "--out", out, ...backend];
  const { code, err } = await guidegraph(["sample", ...args]);
  expect({ code, err }).toEqual({ code: 0, err: ['"model.pt" asks for float16; on cpu it is computed in float32'] });
});

test("when the graph cannot run, neither it nor a folder is written", async () => {
  const folder = temporaryFolder();
  const [graph, out] = [join(folder, "graph.json"), join(folder, "out")];
  const args = [...sampleArguments(name), "--timestep_respacing", "ddim37", "--emit-graph", graph, "--out", out];
  const { code, err } = await guidegraph(["sample", ...args, ...backend]);
  expect(code).toBe(1);
  expect(err).toEqual([expect.stringMatching(/timestep_respacing: .*37/)]);
  expect(existsSync(graph) || existsSync(out)).toBe(false);
});

test("a picture carries its graph: run takes the PNG that run wrote", async () => {
  const folder = temporaryFolder();
  const graph = new URL("../../../graphs/guided-ddim.json", import.meta.url).pathname;
  const small = ["--set", "Wanted shape.classes=3", "--set", "Diffusion Schedule.timestep_respacing=ddim2"];
  const [first, again] = [join(folder, "first"), join(folder, "again")];
  expect(await guidegraph(["run", graph, ...small, ...backend, "--out", first])).toMatchObject({ code: 0, err: [] });
  const png = readdirSync(first).find((file) => file.endsWith(".png"))!;
  expect(await guidegraph(["run", join(first, png), ...backend, "--out", again])).toMatchObject({ code: 0, err: [] });
  expect(readFileSync(join(again, png)).equals(readFileSync(join(first, png)))).toBe(true);
});

test("a graph is written without its checkpoints, and says which are missing", async () => {
  const file = join(temporaryFolder(), "graph.json");
  const flags = ["--model_path", "/far/unet.pt", "--classifier_path", "C:\\far\\judge.pt", "--class_cond", "True"];
  const sized = [...flags, "--image_size", "64", "--batch_size", "4", "--num_samples", "4", "--use_ddim", "True"];
  const emitted = await guidegraph(["sample", ...sized, "--emit-graph", file, "--emit-only"]);
  expect(emitted).toMatchObject({
    code: 0,
    out: [],
    err: [expect.stringMatching(/^unet.pt and judge.pt: not read yet/)],
  });
  const text = readFileSync(file, "utf8");
  expect(text).toMatch(/"file": "unet.pt"[\s\S]*"file": "judge.pt"/);
  expect((await guidegraph(["check", file])).err.join("\n")).toMatch(/unet\.pt/);
  const drawn = await guidegraph(["sample", ...sized]);
  expect(drawn).toMatchObject({ code: 2, err: [expect.stringMatching("There is no file /far/unet.pt")] });
});

test.each([
  ["python", "classifier_sample.py"],
  ["python", "scripts/classifier_sample.py"],
  ["mpiexec", "-n", "8", "python", "-u", "scripts/classifier_sample.py"],
  ["guidegraph", "sample"],
])("what stands before the flags is read as in the editor: %s %s …", async (...before) => {
  const folder = temporaryFolder();
  const [plain, whole, quoted] = ["plain", "whole", "quoted"].map((name) => join(folder, name));
  const flags = ["--model_path", "/far/unet.pt", "--image_size", "64", "--batch_size", "4", "--num_samples", "4"];
  const emit = (file: string) => ["--emit-graph", file, "--emit-only"];
  for (const [file, words] of [
    [plain, flags],
    [whole, [...before, ...flags]],
  ] as const)
    expect(await guidegraph(["sample", ...words, ...emit(file)])).toMatchObject({ code: 0 });
  const one = [...before, ...flags, ...emit(quoted)].join(" ");
  expect(await guidegraph(["sample", one])).toMatchObject({ code: 0 });
  expect(readFileSync(whole, "utf8")).toBe(readFileSync(plain, "utf8"));
  expect(readFileSync(quoted, "utf8")).toBe(readFileSync(plain, "utf8"));
});

test("what is neither flags nor a command is refused with what would do", async () => {
  const { code, err } = await guidegraph(["sample", "unet.pt", "--image_size", "64"]);
  expect({ code, err }).toEqual({
    code: 2,
    err: [expect.stringMatching(/takes flags, or a whole command .* not "unet.pt"/)],
  });
});
