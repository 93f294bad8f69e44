/** Whole samplers wired from nodes and run by the executor, against the same loops written out in functions. */
import { lastValueFrom } from "rxjs";
import { describe, expect, test } from "vitest";
import {
  add,
  classifierFree,
  conditionMean,
  conditionScore,
  ddimReverseStep,
  ddimStep,
  ddpmStep,
  dpmSolverStep,
  encode,
  type Prediction,
  philoxNoise,
  predict,
  qSample,
  renoise,
  type Schedule,
  type Step,
  scale,
  schedule,
  type Tensor,
  torchNoise,
  zeros,
} from "../../diffusion/index.ts";
import { plan, run, type World } from "../../executor/index.ts";
import { documentBuilder, type InnerBuilder, type LevelBuilder, type Wire } from "../../graphs/document/index.ts";
import { GraphError, type NetworkFacts, nodes } from "../../nodes/index.ts";
import { fakeNetwork, pictures } from "../support/fake-context.ts";

const dims = [2, 3, 4, 4];
const facts: NetworkFacts = {
  channels: 3,
  height: 4,
  width: 4,
  classes: 11,
  nullLabel: 10,
  predicts: "eps",
  learnSigma: true,
  process: { noise_schedule: "cosine" },
};

/** A network made up of x, the timestep and the label, so that a mistake in any of them shows. */
function network(x: Tensor, { modelT }: Step, labels: readonly number[]): Tensor {
  const out = zeros([2, 6, 4, 4]);
  for (let n = 0; n < 2; n++)
    for (let i = 0; i < 48; i++) {
      const value = x.data[n * 48 + i];
      out.data[n * 96 + i] = 0.7 * value + 0.2 * Math.sin(modelT + i) + 0.05 * labels[n];
      out.data[n * 96 + 48 + i] = Math.tanh(value);
    }
  return out;
}

/** As much of a gradient. */
function slope(x: Tensor, { modelT }: Step, labels: readonly number[], factor: number): Tensor {
  const g = zeros(x.dims);
  for (let i = 0; i < 96; i++) g.data[i] = factor * Math.cos(x.data[i] + modelT / 100 + labels[Math.floor(i / 48)]);
  return g;
}

const world: World = {
  models: {
    unet: async () => ({
      key: "unet",
      facts,
      predict: async (x, step, y) => ({ out: network(x, step, y!), facts: { ...facts, batch: 2 }, step }),
    }),
    classifier: async () => ({ key: "c", facts, logits: async () => zeros([2, 11]) }),
    network: async () => fakeNetwork(),
    condFn: async (_, { values }, factor) => ({
      key: "cond_fn",
      gradient: async (x, step) => slope(x, step, values, factor),
    }),
    differentiated: () => {
      const nothing = () => Promise.reject(new Error("Nothing is drawn here"));
      return { run: nothing, weigh: nothing };
    },
  },
  images: { load: async () => ({ pictures }), features: async () => undefined },
  tensors: { load: async () => zeros(dims) },
  outputs: () => ({
    preview: () => {},
    png: async () => {},
    npz: async () => {},
    tensor: async () => {},
    measure: async () => {},
  }),
};

const known = {
  network: () => facts,
  image: () => ({ channels: 3, height: 4, width: 4, batch: 2, content: "image" }),
  tensor: () => ({ type: "float32", dims, content: "array" }),
};

const builder = () => documentBuilder(nodes);

/** Runs a document and gives each batch's value of an output. */
async function valuesOf(graph: ReturnType<typeof builder>, wire: Wire, batches = 1): Promise<Tensor[]> {
  graph.add("guidegraph/save-png", { images: graph.add("guidegraph/decode-image", { x: wire }).out("image") });
  const seen: Tensor[] = []; // of each batch, the last step's
  const see = (value: unknown, at: { readonly batch: number }) => {
    seen[at.batch] = value as Tensor;
    return undefined;
  };
  const watch = { path: `${wire.node}`, output: wire.output, see };
  await lastValueFrom(run(plan(graph.document(), nodes, known), world, { watch: [watch], batches }));
  return seen;
}

/** Model, schedule, labels and noise, as most graphs begin. */
function beginning(graph: LevelBuilder, respacing: string, generator = "philox") {
  const model = graph.add("guidegraph/load-unet", { file: "unet.pt" }).out("model");
  const classifier = graph.add("guidegraph/load-classifier", { file: "classifier.pt" }).out("classifier");
  const process = graph.add("guidegraph/diffusion-schedule", { model, timestep_respacing: respacing }).out("schedule");
  const labels = graph.add("guidegraph/class-labels", { classes: "3,7" }).out("labels");
  const noise = graph.add("guidegraph/gaussian-noise", { model, labels, schedule: process, seed: 5, generator });
  const cond_fn = graph.add("guidegraph/build-cond-fn", { classifier, labels, scale: 2 }).out("cond_fn");
  return { model, classifier, process, labels, cond_fn, x_T: noise.out("x_T"), noise: noise.out("noise") };
}

/** Predict and Mean & Variance inside a loop. */
function predicted(inner: InnerBuilder, more: Readonly<Record<string, Wire>> = {}, clip_denoised = true) {
  const x = more.x ?? inner.input("x", "tensor");
  const step = more.step ?? inner.input("step", "step");
  const model = inner.input("model", "model");
  const { labels } = more;
  const output = inner.add("guidegraph/predict", { model, x, step, ...(labels && { labels }) }).out("model_output");
  const node = inner.add("guidegraph/mean-variance", { model_output: output, x, step, clip_denoised });
  return { x, step, model, output, node, prediction: node.out("prediction") };
}

const made = (timestepRespacing: string) => schedule({ noiseSchedule: "cosine", timestepRespacing });
const down = ({ count }: Schedule) => Array.from({ length: count }, (_, k) => count - 1 - k);
const noise = philoxNoise({ seed: 5, dims });
const unlabelled = [10, 10];
const wanted = [3, 7];

/** The loop in functions: `take` goes from x to the next x. */
function sampled(
  process: Schedule,
  take: (x: Tensor, step: Step, p: (x: Tensor, labels?: readonly number[]) => Prediction) => Tensor,
  { walk = down(process), x = noise.draw(0) } = {},
): Tensor {
  for (const step of process.along(walk))
    x = take(x, step, (x, labels = unlabelled) => predict(network(x, step, labels), x, step, facts));
  return x;
}

describe("wired from nodes", () => {
  test("guided DDPM is the reference's p_sample_loop", async () => {
    const graph = builder();
    const { model, process, cond_fn, x_T, noise: stream } = beginning(graph, "8");
    const loop = graph.loop("Loop", { schedule: process, x: x_T, model, cond_fn, noise: stream }, (inner) => {
      const { x, step, prediction } = predicted(inner);
      const guide = inner.input("cond_fn", "cond_fn");
      const gradient = inner.add("guidegraph/guidance-gradient", { cond_fn: guide, x, step }).out("gradient");
      const guided = inner.add("guidegraph/condition-mean", { prediction, gradient }).out("prediction");
      const next = inner.add("guidegraph/ddpm-step", {
        prediction: guided,
        noise: inner.input("noise", "noise"),
        step,
      });
      inner.output("x", "tensor", next.out("x"));
    });
    const [result] = await valuesOf(graph, loop.out("x"));
    const direct = sampled(made("8"), (x, step, p) => ddpmStep(conditionMean(p(x), slope(x, step, wanted, 2)), noise));
    expect(result).toEqual(direct);
  });

  test("guided DDIM with labels and eta is its ddim_sample_loop, batch after batch with torch", async () => {
    const graph = builder();
    const { model, process, cond_fn, labels, x_T, noise: stream } = beginning(graph, "ddim5", "torch");
    const loop = graph.loop("Loop", { schedule: process, x: x_T, model, cond_fn, labels, noise: stream }, (inner) => {
      const { x, step, prediction } = predicted(inner, { labels: inner.input("labels", "labels") });
      const guide = inner.input("cond_fn", "cond_fn");
      const gradient = inner.add("guidegraph/guidance-gradient", { cond_fn: guide, x, step }).out("gradient");
      const guided = inner.add("guidegraph/condition-score", { prediction, gradient, x, step }).out("prediction");
      const given = { prediction: guided, x, step, noise: inner.input("noise", "noise"), eta: 0.5 };
      inner.output("x", "tensor", inner.add("guidegraph/ddim-step", given).out("x"));
    });
    const results = await valuesOf(graph, loop.out("x"), 2);
    const direct = [0, 1].map((batch) => {
      const drawn = torchNoise({ seed: 5, dims, batch, draws: 6 });
      return sampled(
        made("ddim5"),
        (x, step, p) => ddimStep(conditionScore(p(x, wanted), slope(x, step, wanted, 2)), drawn, 0.5),
        { x: drawn.draw(0) },
      );
    });
    expect(results).toEqual(direct);
    expect(results[0]).not.toEqual(results[1]);
  });

  test("classifier-free guidance combines two predictions of one step", async () => {
    const graph = builder();
    const { model, process, labels, x_T } = beginning(graph, "ddim5");
    const loop = graph.loop("Loop", { schedule: process, x: x_T, model, labels }, (inner) => {
      const x = inner.input("x", "tensor");
      const step = inner.input("step", "step");
      const unet = inner.input("model", "model");
      const given = { model: unet, x, step };
      const unconditional = inner.add("guidegraph/predict", given).out("model_output");
      const named = { ...given, labels: inner.input("labels", "labels") };
      const conditional = inner.add("guidegraph/predict", named).out("model_output");
      const both = { conditional, unconditional, scale: 3 };
      const model_output = inner.add("guidegraph/classifier-free-guidance", both).out("model_output");
      const prediction = inner.add("guidegraph/mean-variance", { model_output, x, step }).out("prediction");
      inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction }).out("x"));
    });
    const [result] = await valuesOf(graph, loop.out("x"));
    const direct = sampled(made("ddim5"), (x, step) => {
      const out = classifierFree(network(x, step, wanted), network(x, step, unlabelled), 3, 3);
      return ddimStep(predict(out, x, step, facts), undefined);
    });
    expect(result).toEqual(direct);
  });

  test("a gradient at the mean is one rewire, and two gradients add up", async () => {
    const graph = builder();
    const { model, process, cond_fn, x_T, noise: stream } = beginning(graph, "6");
    const loop = graph.loop("Loop", { schedule: process, x: x_T, model, cond_fn, noise: stream }, (inner) => {
      const { x, step, node, prediction } = predicted(inner);
      const guide = inner.input("cond_fn", "cond_fn");
      const { out } = inner.add("guidegraph/neighbouring-steps", { step });
      const atMean = { cond_fn: guide, x: node.out("mean"), step: out("earlier") };
      const a = inner.add("guidegraph/guidance-gradient", atMean).out("gradient");
      const b = inner.add("guidegraph/guidance-gradient", { cond_fn: guide, x, step }).out("gradient");
      const sigma = inner.add("guidegraph/step-value", { step }).out("sigma");
      const scaled = inner.add("guidegraph/scale", { tensor: b, scale: sigma }).out("tensor");
      const gradient = inner.add("guidegraph/add", { a, b: scaled }).out("tensor");
      const guided = inner.add("guidegraph/condition-mean", { prediction, gradient }).out("prediction");
      const next = inner.add("guidegraph/ddpm-step", { prediction: guided, noise: inner.input("noise", "noise") });
      inner.output("x", "tensor", next.out("x"));
    });
    const [result] = await valuesOf(graph, loop.out("x"));
    const direct = sampled(made("6"), (x, step, p) => {
      const prediction = p(x);
      const a = slope(prediction.mean, step.earlier ?? step, wanted, 2);
      const b = scale(slope(x, step, wanted, 2), Math.sqrt(1 - step.at.alphaBar));
      return ddpmStep(conditionMean(prediction, add(a, b)), noise);
    });
    expect(result).toEqual(direct);
  });

  test("inversion goes up from an image", async () => {
    const graph = builder();
    const { model, process } = beginning(graph, "ddim10");
    const image = graph.add("guidegraph/load-image", { file: "image.png" }).out("image");
    const x0 = graph.add("guidegraph/encode-image", { image }).out("x0");
    const up = graph.loop("Up", { schedule: process, order: "up", stop: 6, x: x0, model }, (inner) => {
      const { prediction } = predicted(inner, {}, false);
      inner.output("x", "tensor", inner.add("guidegraph/ddim-reverse-step", { prediction }).out("x"));
    });
    const [result] = await valuesOf(graph, up.out("x"));
    const direct = sampled(
      made("ddim10"),
      (x, step) => ddimReverseStep(predict(network(x, step, unlabelled), x, step, { ...facts, clipDenoised: false })),
      { walk: [0, 1, 2, 3, 4, 5, 6], x: encode(pictures) },
    );
    expect(result).toEqual(direct);
  });

  test("image-to-image begins in the middle, with the noise of that step", async () => {
    const graph = builder();
    const { model, process, x_T, noise: stream } = beginning(graph, "10");
    const image = graph.add("guidegraph/load-image", { file: "image.png" }).out("image");
    const x0 = graph.add("guidegraph/encode-image", { image }).out("x0");
    const step = graph.add("guidegraph/schedule-step", { schedule: process, index: 5 }).out("step");
    const x = graph.add("guidegraph/add-noise", { x0, noise: x_T, step }).out("x");
    const loop = graph.loop("Loop", { schedule: process, start: 5, x, model, noise: stream }, (inner) => {
      const { prediction } = predicted(inner);
      const next = inner.add("guidegraph/ddpm-step", { prediction, noise: inner.input("noise", "noise") });
      inner.output("x", "tensor", next.out("x"));
    });
    const [result] = await valuesOf(graph, loop.out("x"));
    const process10 = made("10");
    const start = qSample(encode(pictures), noise.draw(0), process10.at(5).at);
    expect(result).toEqual(
      sampled(process10, (x, _, p) => ddpmStep(p(x), noise), { walk: [5, 4, 3, 2, 1, 0], x: start }),
    );
  });

  test("RePaint goes back up and renoises there", async () => {
    const walk = [3, 2, 3, 2, 1, 0];
    const graph = builder();
    const { model, process, labels, x_T, noise: stream } = beginning(graph, "4");
    const again = graph.add("guidegraph/gaussian-noise", { model, labels, seed: 5, stream: 1 }).out("noise");
    const given = { schedule: process, order: walk.join(), x: x_T, model, noise: stream, again };
    const loop = graph.loop("Loop", given, (inner) => {
      const step = inner.input("step", "step");
      const arriving = { x: inner.input("x", "tensor"), noise: inner.input("again", "noise"), step };
      const x = inner.add("guidegraph/renoise", arriving).out("x");
      const { prediction } = predicted(inner, { x, step });
      const next = inner.add("guidegraph/ddpm-step", { prediction, noise: inner.input("noise", "noise") });
      inner.output("x", "tensor", next.out("x"));
    });
    const [result] = await valuesOf(graph, loop.out("x"));
    const second = philoxNoise({ seed: 5, stream: 1, dims });
    const direct = sampled(
      made("4"),
      (x, step, p) => {
        const { arrived } = step;
        const noisier = arrived === undefined ? x : renoise(x, second.draw(step.draw), arrived, step.at);
        return ddpmStep(p(noisier), noise);
      },
      { walk },
    );
    expect(result).toEqual(direct);
    expect(result).not.toEqual(sampled(made("4"), (x, _, p) => ddpmStep(p(x), noise), { walk }));
  });

  test("a multistep sampler's last prediction is carried, and absent at first", async () => {
    const graph = builder();
    const { model, process, x_T } = beginning(graph, "ddim8");
    const loop = graph.loop("Loop", { schedule: process, x: x_T, model }, (inner) => {
      const { prediction } = predicted(inner);
      const previous = inner.input("previous", "prediction");
      const next = inner.add("guidegraph/dpm-solver-step", { prediction, previous });
      inner.output("x", "tensor", next.out("x"));
      inner.output("previous", "prediction", next.out("prediction"));
    });
    const [result] = await valuesOf(graph, loop.out("x"));
    let previous: Prediction | undefined;
    const direct = sampled(made("ddim8"), (x, _, p) => {
      const prediction = p(x);
      const next = dpmSolverStep(prediction, previous);
      previous = prediction;
      return next;
    });
    expect(result).toEqual(direct);
  });
});

test("a mean-conditioned prediction wired into DDIM is refused before anything runs", () => {
  const graph = builder();
  const { model, process, cond_fn, x_T } = beginning(graph, "ddim5");
  const loop = graph.loop("Loop", { schedule: process, x: x_T, model, cond_fn }, (inner) => {
    const { x, step, prediction } = predicted(inner);
    const guide = inner.input("cond_fn", "cond_fn");
    const gradient = inner.add("guidegraph/guidance-gradient", { cond_fn: guide, x, step }).out("gradient");
    const guided = inner.add("guidegraph/condition-mean", { prediction, gradient }).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction: guided }).out("x"));
  });
  graph.add("guidegraph/save-png", { images: graph.add("guidegraph/decode-image", { x: loop.out("x") }).out("image") });
  try {
    plan(graph.document(), nodes, known);
    expect.unreachable();
  } catch (error) {
    const { errors } = error as { errors: GraphError[] };
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(GraphError);
    expect(errors[0]).toMatchObject({ port: "prediction", message: expect.stringContaining("use Condition Score") });
    expect(errors[0].path).toMatch(new RegExp(`^${loop.id}/`));
  }
});
