/** The reference's runs value by value: networks, gradients and single steps through the nodes, finals through graphs. */
import { describe, expect, test } from "vitest";
import { encode, type Step, schedule, type Tensor, torchNoise } from "../../diffusion/index.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
import { type AnyNode, defineNode, nodes, port, type Registry } from "../../nodes/index.ts";
import { modelsOf } from "../../runtime/index.ts";
import { parseFlags } from "../../server/flags/grammar.ts";
import { sampleDocument } from "../../server/sample/document.ts";
import { sampleFlags } from "../../server/sample/flags.ts";
import { filesOf, planSample, typedPaths } from "../../server/sample/plan.ts";
import { golden, relativeError, scheduleOf } from "../support/golden.ts";
import { sampleArguments } from "../support/golden-cli.ts";
import { tensorOf } from "../support/npz.ts";
import { runDocument, testEngine } from "../support/run-document.ts";

async function opened(name: string) {
  const { given } = parseFlags(sampleArguments(name), sampleFlags);
  const around = testEngine(await typedPaths(given));
  return { around, sample: await planSample(filesOf(around), given) };
}

/** A step of the sampling loop as its graph takes it, node by node, from an x of the reference's. */
async function stepper(name: string) {
  const { around, sample } = await opened(name);
  const { flags, expected } = golden(name);
  const models = modelsOf(around.networks);
  const model = await models.unet(sample.unet);
  const labels = expected.arr_1 && { values: Array.from(expected.arr_1.data as BigInt64Array, Number) };
  const { classifier, baseSamples } = sample;
  const condFn = classifier && (await models.condFn(await models.classifier(classifier), labels, classifier.scale));
  const lowRes = baseSamples === undefined ? undefined : encode((await around.images.load(baseSamples)).pictures);
  const noise = torchNoise({ seed: flags.seed, dims: expected.x_T.dims });
  const call = async (type: keyof typeof nodes, inputs: Record<string, unknown>, output: string) =>
    (await (nodes[type] as AnyNode).run(inputs, undefined as never))[output] as Tensor;
  const predict = (x: Tensor, step: Step) =>
    model.predict(x, step, sample.classCond ? labels.values : undefined, lowRes);
  return {
    predict,
    gradient: condFn && ((x: Tensor, step: Step) => condFn.gradient(x, step)),
    async next(x: Tensor, step: Step): Promise<Tensor> {
      const model_output = await predict(x, step);
      const clip_denoised = sample.clipDenoised;
      let prediction = await call("guidegraph/mean-variance", { model_output, x, step, clip_denoised }, "prediction");
      if (condFn) {
        const gradient = await call("guidegraph/guidance-gradient", { cond_fn: condFn, x, step }, "gradient");
        const how = sample.ddim ? "guidegraph/condition-score" : "guidegraph/condition-mean";
        prediction = await call(how, { prediction, gradient }, "prediction");
      }
      const how = sample.ddim ? "guidegraph/ddim-step" : "guidegraph/ddpm-step";
      return call(how, { prediction, noise, eta: sample.eta }, "x");
    },
  };
}

const cases = [
  "guided_ddim_cosine",
  "guided_ddpm_cosine",
  "guided_fixed_large",
  "guided_uncond_legacy_file",
  "ddim_eta_linear_uncond",
  "ddpm_fixed_sigma_xstart",
  "superres",
];

describe.each(cases)("%s", (name) => {
  const { flags, expected } = golden(name);
  const { x_T, steps_x, model_out0, model_out_last, grad0, grad_last, final } = expected;
  const made = schedule(scheduleOf(flags));
  const first = made.at(made.count - 1);
  const last = made.at(0);

  test("networks and gradients agree at the first and the last step", async () => {
    const { predict, gradient } = await stepper(name);
    const error = (actual: Tensor, array: typeof final) => relativeError(actual.data, tensorOf(array).data);
    expect(error((await predict(tensorOf(x_T), first)).out, model_out0)).toBeLessThan(1e-5);
    expect(error((await predict(tensorOf(steps_x, -2), last)).out, model_out_last)).toBeLessThan(1e-5);
    expect(gradient === undefined).toBe(grad0 === undefined);
    if (!gradient) return;
    expect(error(await gradient(tensorOf(x_T), first), grad0)).toBeLessThan(3e-5);
    expect(error(await gradient(tensorOf(steps_x, -2), last), grad_last)).toBeLessThan(3e-5);
  });

  test("every single step agrees", async () => {
    const { next } = await stepper(name);
    for (let k = 0; k < made.count; k++) {
      const x = k === 0 ? tensorOf(x_T) : tensorOf(steps_x, k - 1);
      const actual = await next(x, made.at(made.count - 1 - k));
      expect(relativeError(actual.data, tensorOf(steps_x, k).data), `step ${k}`).toBeLessThan(3e-5);
    }
  });

  test("the whole run agrees at its end", async () => {
    const { around, sample } = await opened(name);
    const steps = (await runDocument(sampleDocument(sample), around)).steps;
    expect(steps.length).toBe(made.count);
    expect(relativeError(steps.at(-1)!.data, tensorOf(final).data)).toBeLessThan(2e-4);
  });
});

/** Gives the x₀ of the fixture, which no picture file can hold. */
const givenX = (x: Tensor) =>
  defineNode({
    type: "guidegraph/given-x",
    version: 1,
    title: "Given x",
    category: "test",
    description: "Gives a tensor of the test's.",
    inputs: {},
    outputs: { x: port.tensor({ meaning: "x" }) },
    infer: () => ({ x: { batch: x.dims[0], channels: x.dims[1], height: x.dims[2], width: x.dims[3], meaning: "x" } }),
    run: () => ({ x }),
  });

describe("ddim_reverse", () => {
  test("a wired graph that walks up agrees at every step", async () => {
    const { flags, expected } = golden("ddim_reverse");
    const { around, sample } = await opened("ddim_reverse");
    const registry: Registry = { ...nodes, "guidegraph/given-x": givenX(tensorOf(expected.x_0)) };
    const b = documentBuilder(registry);
    const model = b.add("guidegraph/load-unet", { ...sample.unet }).out("model");
    const rows = b.add("guidegraph/diffusion-schedule", sample.process).out("schedule");
    const labels = b.add("guidegraph/class-labels", { model, classes: sample.classes }).out("labels");
    const x = b.add("guidegraph/given-x").out("x");
    const loop = b.loop("Inversion", { schedule: rows, order: "up", x, model, labels }, (inner) => {
      const [step, x] = [inner.input("step", "step"), inner.input("x", "tensor")];
      const [model, labels] = [inner.input("model", "model"), inner.input("labels", "labels")];
      const model_output = inner.add("guidegraph/predict", { model, x, step, labels }).out("model_output");
      const prediction = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
      inner.output("x", "tensor", inner.add("guidegraph/ddim-reverse-step", { prediction }).out("x"));
    });
    const images = b.add("guidegraph/decode-image", { x: loop.out("x") }).out("image");
    b.add("guidegraph/preview", { images });
    const { steps } = await runDocument(b.document(), around, registry);
    expect(steps.length).toBe(schedule(scheduleOf(flags)).count);
    steps.forEach(({ data }, k) => {
      expect(relativeError(data, tensorOf(expected.steps_x, k).data), `step ${k}`).toBeLessThan(2e-4);
    });
  });
});
