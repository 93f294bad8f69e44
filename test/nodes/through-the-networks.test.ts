/** Whole losses through the demo networks, against PyTorch's autograd (test/fixtures/gradients/make.py). */
import { expect, test } from "vitest";
import { boxMask, type Noise, schedule, type Tensor } from "../../diffusion/index.ts";
import { type AnyNode, type DrawnWish, nodes } from "../../nodes/index.ts";
import { modelsOf } from "../../runtime/index.ts";
import { graphOf, type Placed, randomTensor } from "../support/drawn.ts";
import { readNpz } from "../support/npz.ts";
import { testEngine } from "../support/run-document.ts";

const expected = readNpz("test/fixtures/gradients/expected.npz");
const numbers = (name: string) => expected[name].data as Float32Array | Float64Array;

const dims = [2, 3, 32, 32];
const x = randomTensor(1, dims);
x.data.forEach((value, i) => {
  x.data[i] = 1.2 * value;
});
const [target, z] = [randomTensor(2, dims), randomTensor(3, dims)];
const noise: Noise = { key: "z", dims, draw: () => z };
const step = schedule({ noiseSchedule: "cosine" }).at(300);
const mask = boxMask(32, 32, { left: 0, right: 0.5, top: 0.25, bottom: 0.75 });

const file = (name: string, flags = "") => ({ file: name, sha256: "", flags });
const models = modelsOf(testEngine([], ["models"]).networks);
const classifier = await models.classifier(file("shapes32_shape_classifier.pt"));
const reader = await models.classifier(file("shapes32_reader.onnx", "--logits shape"));
const labels = { values: [3, 7] };

type Source = Placed["inputs"][string];
const value = (given: unknown): Source => ({ value: given });
const from = (path: string, output: string): Source => ({ from: [path, output] });
const variable: Source = { from: "variable" };

/** Every loss of `make.py`, and their sum by the weights that are stored with them. */
function losses(
  model: unknown,
  predicts: string,
): { readonly placed: Placed[]; readonly names: Record<string, DrawnWish & object> } {
  const placed: Placed[] = [];
  const add = (path: string, type: keyof typeof nodes, inputs: Placed["inputs"]): void => {
    const definition = nodes[type] as unknown as AnyNode;
    const defaults = Object.entries(definition.inputs as Record<string, { parameter?: { default: unknown } }>).flatMap(
      ([name, { parameter }]) => (parameter ? [[name, value(parameter.default)] as const] : []),
    );
    placed.push({ path, definition, inputs: { ...Object.fromEntries(defaults), ...inputs } });
  };
  add("1", "guidegraph/predict", {
    model: value(model),
    x: variable,
    step: value(step),
    labels: value({ values: [10, 4] }),
  });
  for (const [path, clip] of [
    ["2", true],
    ["3", false],
  ] as const)
    add(path, "guidegraph/mean-variance", {
      model_output: from("1", "model_output"),
      x: variable,
      step: value(step),
      clip_denoised: value(clip),
    });
  const [x0, raw] = [from("2", "pred_xstart"), from("3", "pred_xstart")];
  const error = (path: string, tensor: Source, measure: string, more: Placed["inputs"] = {}): void =>
    add(path, "guidegraph/squared-error", { tensor, target: value(target), measure: value(measure), ...more });
  error("masked", x0, "norm", { mask: value(mask) });
  error("whole", raw, "sum");
  add("4", "guidegraph/average-pool", { tensor: raw, factor: value(4) });
  add("5", "guidegraph/average-pool", { tensor: value(target), factor: value(4) });
  add("pooled", "guidegraph/squared-error", {
    tensor: from("4", "tensor"),
    target: from("5", "tensor"),
    measure: value("norm"),
  });
  add("6", "guidegraph/blur", { tensor: raw, sigma: value(1.5) });
  error("blurred", from("6", "tensor"), "sum");
  add("7", "guidegraph/resize", { tensor: x0, height: value(12), width: value(20), method: value("cubic") });
  const nothing: Tensor = { dims: [2, 3, 12, 20], data: new Float32Array(2 * 3 * 12 * 20) };
  add("resized", "guidegraph/absolute-error", { tensor: from("7", "tensor"), target: value(nothing) });
  add("8", "guidegraph/ddpm-step", { prediction: from("2", "prediction"), noise: value(noise) });
  add("noisy", "guidegraph/reduce", { tensor: from("8", "x"), by: value("norm") });
  for (const [path, judge, seen] of [
    ["read", reader, raw],
    ["judged", classifier, from("3", "mean")],
  ] as const)
    add(path, "guidegraph/log-probability", {
      classifier: value(judge),
      x: seen,
      step: value(step),
      labels: value(labels),
    });
  const names: Record<string, DrawnWish & object> = {
    ...Object.fromEntries(
      ["masked", "whole", "pooled", "blurred", "resized"].map((of) => [of, { of, output: "loss" }]),
    ),
    noisy: { of: "noisy", output: "tensor" },
    ...Object.fromEntries(["read", "judged"].map((of) => [of, { of, output: "log_probability" }])),
  };
  // One gradient of all: each weighs as much as the others, so that none can be wrong unseen.
  let sum: Source | undefined;
  for (const [name, { of, output }] of Object.entries(names)) {
    const weight = value(numbers(`${predicts}_${name}_weight`)[0]);
    add(`${name} weighed`, "guidegraph/scale", { tensor: from(of, output), scale: weight });
    if (sum) add(`${name} added`, "guidegraph/add", { a: sum, b: from(`${name} weighed`, "tensor") });
    sum = from(sum ? `${name} added` : `${name} weighed`, "tensor");
  }
  return { placed, names };
}

test.each(["x0", "eps"])("losses through a UNet that predicts %s have PyTorch's gradient", async (predicts) => {
  const model = await models.unet(file("shapes32_diffusion.pt", predicts === "x0" ? "" : "--predict_xstart False"));
  const { placed, names } = losses(model, predicts);
  const graph = graphOf(placed, [placed[placed.length - 1].path, "tensor"], models);
  const results = (await graph.run(x, [...Object.values(names), "gradient"])) as Tensor[];
  for (const [i, name] of Object.keys(names).entries())
    for (const [n, wanted] of numbers(`${predicts}_${name}`).entries())
      expect(Math.abs(results[i].data[n] / wanted - 1), name).toBeLessThan(1e-4);
  const wanted = numbers(`${predicts}_gradient`);
  const gradient = results[results.length - 1].data;
  const off = Math.hypot(...gradient.map((g, i) => g - wanted[i]));
  expect(off / Math.hypot(...wanted)).toBeLessThan(1e-4);
});
