/** Flags that go from one command to the next, and what is wrong with them in their own words. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseModelFlags, shapesOf, structureFromFlags } from "../../../onnx/index.ts";
import { bundled } from "../../support/bad-input.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { randomTensors } from "../../support/write-checkpoint.ts";
import { dict, safetensorsBytes, savedBytes, stateDict } from "../../support/write-pickle.ts";

const folder = temporaryFolder();
const models = join(folder, "models");
mkdirSync(join(models, "deep"), { recursive: true });
const sizes = "--image_size 16 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 8";
const write = (name: string, flags: string, value = (state: ReadonlyMap<unknown, unknown>): unknown => state) => {
  const tensors = randomTensors(shapesOf(structureFromFlags("unet", parseModelFlags(flags))));
  writeFileSync(join(models, name), savedBytes(value(stateDict(tensors))));
};
write("deep/listed.ckpt", sizes, (state) => dict({ model: state, also: 1 }));
write("two.pth", sizes, (state) => dict({ model: state, ema: new Map(state) }));
write("segment.pt", `${sizes} --in_channels 1 --condition_channels 3 --learn_sigma True`);
writeFileSync(join(models, "named.bin"), bundled("shapes32_diffusion.pt"));

const sample = (...args: string[]) => {
  const out = join(folder, "out");
  return guidegraph(["sample", ...args, "--backend", "cpu", "--out", out]).then((result) => ({
    ...result,
    wrote: existsSync(out),
  }));
};
const quick = ["--timestep_respacing", "ddim2", "--use_ddim", "True", "--num_samples", "1", "--batch_size", "1"];

describe("what `models inspect` prints", () => {
  test.each(["shapes32_diffusion.pt", "shapes32_shape_classifier.pt"])(
    "of %s is taken by sample, convert and itself",
    async (name) => {
      const path = new URL(`../../../models/${name}`, import.meta.url).pathname;
      const { out } = await guidegraph(["models", "inspect", path]);
      const flags = out.find((line) => line.startsWith("flags:"))!.replace(/^flags: +/, "");
      const words = flags.match(/"[^"]*"|\S+/g)!.map((word) => word.replaceAll('"', ""));
      const again = await guidegraph(["models", "inspect", path, ...words]);
      expect(again.out).toEqual(out);
      expect(await guidegraph(["convert", path, ...words, "-o", join(folder, `${name}.onnx`)])).toMatchObject({
        code: 0,
      });
      const unet = new URL("../../../models/shapes32_diffusion.pt", import.meta.url).pathname;
      const classifier = name.includes("classifier") ? ["--classifier_path", path] : [];
      const run = await sample("--model_path", unet, ...classifier, ...words, ...quick);
      expect(run.err).toEqual([]);
      expect(run.code).toBe(0);
    },
  );
});

test("a model is named by its path or as it is listed, whatever its extension", async () => {
  for (const name of ["deep/listed.ckpt", join(models, "deep/listed.ckpt")]) {
    const run = await sample("--model_path", name, "--image_size", "16", "--models", models, ...quick);
    expect(run.err).toEqual([]);
  }
  const bin = await guidegraph([
    "models",
    "inspect",
    "named.bin",
    "--models",
    models,
    "--num_heads",
    "4",
    "--image_size",
    "32",
  ]);
  expect(bin.out).toContain("role:          UNet");
  const small = randomTensors(shapesOf(structureFromFlags("unet", parseModelFlags(sizes))));
  writeFileSync(join(models, "carded.safetensors"), safetensorsBytes(small));
  writeFileSync(join(models, "carded.json"), '{"image_size": 16, "num_heads": 2}');
  const carded = await guidegraph(["models", "inspect", "carded.safetensors", "--models", models]);
  expect(carded.out.join("\n")).toContain("--num_heads 2");
  const absent = await sample("--model_path", "deep/listd.ckpt", "--models", models);
  expect(absent).toMatchObject({
    code: 2,
    err: ["There is no file deep/listd.ckpt (--model_path); did you mean the listed deep/listed.ckpt?"],
  });
  expect((await sample("--model_path", models)).err).toEqual([
    `${models} is a folder (--model_path): name the file in it`,
  ]);
});

test("what is chosen among weights is said, and --weights chooses", async () => {
  const two = ["--model_path", join(models, "two.pth"), "--image_size", "16", ...quick];
  expect((await sample(...two)).err).toEqual([
    '"two.pth": the averaged weights ema are taken, not model: --weights takes others, by name, or "raw"',
  ]);
  expect((await sample(...two, "--weights", "raw")).err[0]).toContain("the weights model are taken, not ema");
  expect((await sample(...two, "--weights", "swa")).err).toEqual([
    'Cannot use checkpoint "two.pth": it has no weights "swa" (--weights); there are model, ema (averaged)',
  ]);
});

test("a network that takes a condition is sampled beside a picture", async () => {
  const typed = ["--model_path", join(models, "segment.pt"), "--image_size", "16", "--learn_sigma", "True"];
  expect((await sample(...typed, ...quick)).err.at(-1)).toBe(
    "The network takes a condition of 3 channels beside x: give --condition FILE, a picture, a folder of them or an NPZ",
  );
  const picture = new URL("../../../docs/images/guided-ddim.png", import.meta.url).pathname;
  const wrong = await sample(...typed, "--condition_first", "True", "--condition", picture, ...quick);
  expect(wrong.code).toBe(1);
  expect(wrong.err.join("\n")).toContain("condition");
});

const shapes = new URL("../../../models/shapes32_diffusion.pt", import.meta.url).pathname;
const refused: Record<string, [string[], string]> = {
  "no pictures at a time": [["--batch_size", "0"], "--batch_size takes 1 to 4096, not 0"],
  "too many at a time": [["--batch_size", "5000"], "--batch_size takes 1 to 4096, not 5000"],
  "no pictures": [["--num_samples", "0"], "--num_samples takes 1 to 10000000, not 0"],
  "a seed below zero": [["--seed", "-1"], `--seed takes 0 to ${Number.MAX_SAFE_INTEGER}, not -1`],
  "too much noise": [["--eta", "2"], "--eta takes 0 to 1, not 2"],
  "a respacing that there is not": [
    ["--timestep_respacing", "ddim37"],
    "--timestep_respacing: Cannot take ddim37 of 1000 steps",
  ],
  "a class that there is not": [["--classes", "99"], "--classes: "],
};
for (const [what, [flags, message]] of Object.entries(refused))
  test(`${what} is refused once, in the words of the flag`, async () => {
    const classifier = shapes.replace("diffusion", "shape_classifier");
    const { err, code } = await sample("--model_path", shapes, "--classifier_path", classifier, ...quick, ...flags);
    expect(code).toBeGreaterThan(0);
    expect(err).toHaveLength(1);
    expect(err[0].startsWith(message), err[0]).toBe(true);
  });

test("an image size that does not fit does not blame the attention", async () => {
  const { err } = await sample("--model_path", shapes, "--image_size", "64", "--attention_resolutions", "8", ...quick);
  expect(err[0]).toContain("at --image_size 64; at --image_size 32 it fits");
  const carded = await sample("--model_path", shapes, "--image_size", "64", ...quick);
  const cure =
    /^Cannot use checkpoint "\S+": give --image_size 32, for it does not fit --attention_resolutions 8 of its card/;
  expect(carded.err).toEqual([expect.stringMatching(cure)]);
});

test("rescaling that nothing tells is said where it matters, and improved-diffusion's is its own", async () => {
  const typed = [
    "--model_path",
    join(models, "deep/listed.ckpt"),
    "--image_size",
    "16",
    "--timestep_respacing",
    "2",
    "--num_samples",
    "1",
    "--batch_size",
    "1",
  ];
  const emitted = async (...flags: string[]) => {
    const graph = join(temporaryFolder(), "graph.json");
    const { err } = await sample(...typed, ...flags, "--emit-graph", graph);
    const { default: document } = await import(graph, { with: { type: "json" } }).catch(() => ({ default: undefined }));
    return { err, document };
  };
  expect((await emitted("--diffusion_steps", "4000")).err).toEqual([
    expect.stringContaining("give --rescale_timesteps True"),
  ]);
  expect((await emitted("--diffusion_steps", "4000", "--sigma_small", "False")).err).toEqual([
    "timesteps are scaled to 1000, as improved-diffusion does unless told otherwise (--rescale_timesteps)",
  ]);
  expect((await emitted("--diffusion_steps", "4000", "--rescale_timesteps", "False")).err).toEqual([]);
});
