/** The bundled networks' golden run by two gradients, met by a wired graph: sixteen red stars. The other: examples.test.ts. */
import { expect, test } from "vitest";
import { documentBuilder, type GraphDocument, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { expectSameBytes } from "../support/bytes.ts";
import { demoModels } from "../support/demo-models.ts";
import { relativeError } from "../support/golden.ts";
import { goldenFile } from "../support/golden-file.ts";
import { arraysIn, type NpyArray, readNpz, tensorOf } from "../support/npz.ts";
import { runDocument, testEngine } from "../support/run-document.ts";

interface Guide {
  readonly classifier: string;
  readonly classes: NpyArray;
}

/** DDIM in 25 steps on the unlabelled UNet; the gradients of several classifiers are added. */
function guidedDdim(seed: number, scale: number, guides: readonly Guide[]): GraphDocument {
  const b = documentBuilder(nodes);
  const model = b.add("guidegraph/load-unet", { file: "shapes32_diffusion.pt" }).out("model");
  const schedule = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: "ddim25" }).out("schedule");
  const wanted = guides.map(({ classes }) =>
    b.add("guidegraph/class-labels", { classes: Array.from(classes.data as BigInt64Array).join(",") }).out("labels"),
  );
  const noise = b.add("guidegraph/gaussian-noise", { labels: wanted[0], model, seed, generator: "torch" });
  const condFns = guides.map(({ classifier: file }, i) => {
    const classifier = b.add("guidegraph/load-classifier", { file }).out("classifier");
    return b.add("guidegraph/build-cond-fn", { classifier, labels: wanted[i], scale }).out("cond_fn");
  });
  const named = Object.fromEntries(condFns.map((condFn, i) => [`cond_fn_${i}`, condFn]));
  const loop = b.loop("DDIM", { schedule, x: noise.out("x_T"), model, ...named }, (inner) => {
    const [step, x, model] = [inner.input("step", "step"), inner.input("x", "tensor"), inner.input("model", "model")];
    const model_output = inner.add("guidegraph/predict", { model, x, step }).out("model_output");
    const before = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
    const gradient = Object.keys(named)
      .map((name) => gradientOf(inner, { cond_fn: inner.input(name, "cond_fn"), x, step }))
      .reduce((a, b) => inner.add("guidegraph/add", { a, b }).out("tensor"));
    const prediction = inner.add("guidegraph/condition-score", { prediction: before, gradient }).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction, eta: 0 }).out("x"));
  });
  const images = b.add("guidegraph/decode-image", { x: loop.out("x") }).out("image");
  b.add("guidegraph/save-npz", { images });
  return b.document();
}

const gradientOf = (inner: InnerBuilder, wires: Readonly<Record<"cond_fn" | "x" | "step", Wire>>): Wire =>
  inner.add("guidegraph/guidance-gradient", wires).out("gradient");

const shape = (classes: NpyArray): Guide => ({ classifier: "shapes32_shape_classifier.pt", classes });
const colour = (classes: NpyArray): Guide => ({ classifier: "shapes32_colour_classifier.pt", classes });

const around = testEngine([], [await demoModels()]);

test("a wired graph draws red_star", async () => {
  const expected = readNpz(goldenFile("demo", "red_star.npz"));
  const guides = [shape(expected.arr_1), colour(expected.colours)];
  const { steps, files } = await runDocument(guidedDdim(5233, 12, guides), around);
  expect(relativeError(steps.at(-1)!.data, tensorOf(expected.final).data)).toBeLessThan(2e-4);
  const saved = (await arraysIn(files.get("samples_16x32x32x3.npz")!)).get("arr_0")!;
  expectSameBytes(saved.data as Uint8Array, expected.arr_0.data as Uint8Array);
}, 600_000);
