/** A checkpoint sampled and guided at sides that it was not trained on, in one graph with those that it was. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { documentBuilder, type GraphDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { bytesSource, parseModelFlags, type Role, shapesOf, structureFromFlags } from "../../../onnx/index.ts";
import { readNpz } from "../../../runtime/index.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { runDocument, testEngine } from "../../support/run-document.ts";
import { checkpointBytes, randomTensors } from "../../support/write-checkpoint.ts";

const folder = temporaryFolder();
const write = (role: Role, name: string, flags: string) => {
  const shapes = shapesOf(structureFromFlags(role, parseModelFlags(flags)));
  writeFileSync(join(folder, name), checkpointBytes(randomTensors(shapes)));
  return flags;
};
const unet = write(
  "unet",
  "unet.pt",
  "--image_size 8 --num_channels 32 --num_res_blocks 1 --channel_mult 1,1 --attention_resolutions 4 --num_heads 4",
);
const classifier = (pool: string) =>
  write(
    "classifier",
    `${pool}.pt`,
    `--image_size 8 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1,1 --classifier_attention_resolutions 4 --classifier_num_head_channels 16 --classifier_pool ${pool} --num_classes 3`,
  );
const flags = { adaptive: classifier("adaptive"), attention: classifier("attention") };

/** Two steps of guided DDIM, at each of these sides. */
function guided(pool: keyof typeof flags, sides: readonly (readonly [number, number])[]): GraphDocument {
  const b = documentBuilder(nodes, { title: "Sides" });
  const model = b.add("guidegraph/load-unet", { file: "unet.pt", flags: unet }).out("model");
  const judge = b.add("guidegraph/load-classifier", { file: `${pool}.pt`, flags: flags[pool] }).out("classifier");
  const schedule = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: "ddim2" }).out("schedule");
  const labels = b.add("guidegraph/class-labels", { classes: "1", count: 2 }).out("labels");
  const cond_fn = b.add("guidegraph/build-cond-fn", { classifier: judge, labels, scale: 3 }).out("cond_fn");
  for (const [height, width] of sides) {
    const x = b
      .add("guidegraph/gaussian-noise", { model, batch: 2, height, width }, `Noise ${height}×${width}`)
      .out("x_T");
    const loop = b.loop(`DDIM ${height}×${width}`, { schedule, x, model, cond_fn }, (inner) => {
      const [step, x] = [inner.input("step", "step"), inner.input("x", "tensor")];
      const given = { model: inner.input("model", "model"), x, step };
      const model_output = inner.add("guidegraph/predict", given).out("model_output");
      const before = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
      const gradient = inner.add("guidegraph/guidance-gradient", {
        cond_fn: inner.input("cond_fn", "cond_fn"),
        x,
        step,
      });
      const moved = { prediction: before, gradient: gradient.out("gradient") };
      const prediction = inner.add("guidegraph/condition-score", moved).out("prediction");
      inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction, eta: 0 }).out("x"));
    });
    b.add("guidegraph/save-tensor", { tensor: loop.out("x"), name: `${height}x${width}` });
  }
  return b.document();
}

const saved = async (files: ReadonlyMap<string, Uint8Array>, name: string) =>
  (await (await readNpz(bytesSource(name, files.get(name)!))).get("arr_0")!()).dims;

test("guided sampling takes sides that are no squares, beside those of the training", async () => {
  const { files } = await runDocument(
    guided("adaptive", [
      [4, 10],
      [8, 8],
      [12, 6],
    ]),
    testEngine([], [folder]),
  );
  expect(await saved(files, "4x10.npz")).toEqual([2, 3, 4, 10]);
  expect(await saved(files, "8x8.npz")).toEqual([2, 3, 8, 8]);
  expect(await saved(files, "12x6.npz")).toEqual([2, 3, 12, 6]);
});

test("sides that cannot be halved, and a classifier of a fixed grid, are refused before the run", async () => {
  const run = (pool: keyof typeof flags, sides: readonly [number, number]) =>
    runDocument(guided(pool, [sides]), testEngine([], [folder]));
  await expect(run("adaptive", [4, 7])).rejects.toThrow(/its width must be a multiple of 2/);
  await expect(run("attention", [4, 10])).rejects.toThrow(
    /Cannot use x .*2×3×4×10.* with cond_fn .*: its sides must be 8×8 \(the attention pool of Classifier "[^"]+" has weights for each place of 8×8 alone\)/,
  );
  await run("attention", [8, 8]);
});
