/** An exported graph gives what its run gives: in onnxruntime, with other samples and numbers too, as a whole and step by step. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { lastValueFrom } from "rxjs";
import { afterAll, describe, expect, test } from "vitest";
import type { Pictures, Tensor } from "../../diffusion/index.ts";
import { type Plan, plan, run } from "../../executor/index.ts";
import { type Exported, exportedPorts, exportPlan, type GraphInput } from "../../export/index.ts";
import { documentBuilder, type GraphDocument, type InnerBuilder, type Wire } from "../../graphs/document/index.ts";
import { type AnyNode, defineNode, GraphError, nodes, port, type Registry } from "../../nodes/index.ts";
import { type OnnxModel, readModel, writeModel } from "../../onnx/index.ts";
import { withKnown } from "../../runtime/index.ts";
import { models, networks, side } from "../support/drawn.ts";

const nothing = () => Promise.reject(new Error("there is no such file"));
const files = { images: { load: nothing, facts: nothing }, tensors: { load: nothing, facts: nothing } };
const signal = new AbortController().signal;
afterAll(() => networks.close());

interface Start {
  readonly b: ReturnType<typeof documentBuilder>;
  readonly model: Wire;
  readonly schedule: Wire;
  readonly labels: Wire;
  readonly x: Wire;
  readonly noise: Wire;
}

function start(classes = "1,2", registry: Registry = nodes): Start {
  const b = documentBuilder(registry);
  const flags = "--num_classes 4 --learn_sigma true";
  const model = b.add("guidegraph/load-unet", { file: "unet.onnx", flags }).out("model");
  const schedule = b.add("guidegraph/diffusion-schedule", { model, timestep_respacing: "4", noise_schedule: "cosine" });
  const labels = b.add("guidegraph/class-labels", { classes }).out("labels");
  const noise = b.add("guidegraph/gaussian-noise", { labels, model, height: side, seed: 5 });
  return { b, model, labels, schedule: schedule.out("schedule"), x: noise.out("x_T"), noise: noise.out("noise") };
}

const loopOf = (from: Start, given: object, build: (inner: InnerBuilder, step: Step) => void, title = "Loop") =>
  from.b.loop(
    title,
    { schedule: from.schedule, x: from.x, model: from.model, labels: from.labels, ...given },
    (inner) =>
      build(inner, {
        ...{ x: inner.input("x", "tensor"), step: inner.input("step", "step"), model: inner.input("model", "model") },
        labels: inner.input("labels", "labels"),
      }),
  );
type Step = Readonly<Record<"x" | "step" | "model" | "labels", Wire>>;

function predicted(inner: InnerBuilder, { x, step, model, labels }: Step) {
  const model_output = inner.add("guidegraph/predict", { model, x, step, labels }).out("model_output");
  return inner.add("guidegraph/mean-variance", { model_output, x, step });
}

function decoded({ b }: Start, x: Wire, title = "Decode Image"): GraphDocument {
  const images = b.add("guidegraph/decode-image", { x }, title).out("image");
  b.add("guidegraph/save-png", { images: b.add("guidegraph/grid", { images }).out("image") });
  b.add("guidegraph/save-npz", { images });
  return b.document();
}

function guided(classes?: string, scale = 3): GraphDocument {
  const from = start(classes);
  const classifier = from.b.add("guidegraph/load-classifier", { file: "judge.onnx" }).out("classifier");
  const cond_fn = from.b.add("guidegraph/build-cond-fn", { classifier, labels: from.labels, scale }).out("cond_fn");
  const loop = loopOf(from, { cond_fn, noise: from.noise }, (inner, at) => {
    const prediction = predicted(inner, at).out("prediction");
    const asked = { cond_fn: inner.input("cond_fn", "cond_fn"), x: at.x, step: at.step };
    const gradient = inner.add("guidegraph/guidance-gradient", asked).out("gradient");
    const moved = inner.add("guidegraph/condition-mean", { prediction, gradient }).out("prediction");
    inner.output(
      "x",
      "tensor",
      inner.add("guidegraph/ddpm-step", { prediction: moved, noise: inner.input("noise", "noise") }).out("x"),
    );
  });
  return decoded(from, loop.out("x"));
}

/** A gradient that is asked for in every other step, and used again in the one between. */
function reused(): GraphDocument {
  const from = start();
  const classifier = from.b.add("guidegraph/load-classifier", { file: "judge.onnx" }).out("classifier");
  const cond_fn = from.b.add("guidegraph/build-cond-fn", { classifier, labels: from.labels, scale: 3 }).out("cond_fn");
  const loop = loopOf(from, { cond_fn }, (inner, at) => {
    const asked = { cond_fn: inner.input("cond_fn", "cond_fn"), x: at.x, step: at.step };
    const a = inner.add("guidegraph/guidance-gradient", asked).out("gradient");
    const condition = inner.add("guidegraph/step-interval", { step: at.step, every: 2 }).out("condition");
    const either = { condition, a, b: inner.input("gradient", "tensor") };
    const gradient = inner.add("guidegraph/switch", either).out("tensor");
    const moved = { prediction: predicted(inner, at).out("prediction"), gradient };
    const prediction = inner.add("guidegraph/condition-score", moved).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction }).out("x"));
    inner.output("gradient", "tensor", gradient);
  });
  return decoded(from, loop.out("x"));
}

const documents: Readonly<Record<string, () => GraphDocument>> = {
  "guided DDPM": () => guided(),
  "a gradient that is used again": reused,
  "DDIM with noise, and the x₀ of the last step": () => {
    const from = start();
    const loop = loopOf(from, { noise: from.noise }, (inner, at) => {
      const made = predicted(inner, at);
      const given = { prediction: made.out("prediction"), noise: inner.input("noise", "noise"), eta: 0.7 };
      inner.output("x", "tensor", inner.add("guidegraph/ddim-step", given).out("x"));
      inner.output("x0", "tensor", made.out("pred_xstart"));
    });
    decoded(from, loop.out("x0"), "Decode x0");
    return decoded(from, loop.out("x"));
  },
  "a solver that carries its prediction, thresholded": () => {
    const from = start();
    const loop = loopOf(from, {}, (inner, { x, step, model, labels }) => {
      const model_output = inner.add("guidegraph/predict", { model, x, step, labels }).out("model_output");
      const raw = inner.add("guidegraph/mean-variance", { model_output, x, step, clip_denoised: false });
      const pulled = inner.add("guidegraph/dynamic-threshold", {
        pred_xstart: raw.out("pred_xstart"),
        percentile: 0.7,
      });
      const given = { pred_xstart: pulled.out("pred_xstart"), x, step, model_output, clip_denoised: false };
      const prediction = inner.add("guidegraph/prediction-from-x0", given).out("prediction");
      const next = inner.add("guidegraph/dpm-solver-step", {
        prediction,
        previous: inner.input("previous", "prediction"),
      });
      inner.output("x", "tensor", next.out("x"));
      inner.output("previous", "prediction", next.out("prediction"));
    });
    return decoded(from, loop.out("x"));
  },
  "a tensor that is absent in the first step": () => {
    const from = start();
    const mask = from.b.add("guidegraph/box-mask", { height: side }).out("image");
    const loop = loopOf(from, { mask }, (inner, at) => {
      const made = predicted(inner, at);
      const next = inner.add("guidegraph/ddim-step", { prediction: made.out("prediction") }).out("x");
      const other = inner.input("before", "tensor");
      const mixed = inner
        .add("guidegraph/mask", { tensor: next, mask: inner.input("mask", "image"), other })
        .out("tensor");
      inner.output("x", "tensor", mixed);
      inner.output("before", "tensor", at.x);
    });
    return decoded(from, loop.out("x"));
  },
  "a loop in a loop, each with its draws": () => {
    const from = start();
    const loop = loopOf(from, { schedule: from.schedule, rows: from.schedule, noise: from.noise }, (inner, at) => {
      const [rows, noise] = [inner.input("rows", "schedule"), inner.input("noise", "noise")];
      const given = { schedule: rows, order: "2,1", x: at.x, model: at.model, labels: at.labels, noise };
      const inside = inner.loop("Inside", given, (deep) => {
        const [x, step, model] = [deep.input("x", "tensor"), deep.input("step", "step"), deep.input("model", "model")];
        const made = predicted(deep, { x, step, model, labels: deep.input("labels", "labels") });
        const next = { prediction: made.out("prediction"), noise: deep.input("noise", "noise") };
        deep.output("x", "tensor", deep.add("guidegraph/ddpm-step", next).out("x"));
      });
      const made = predicted(inner, { ...at, x: inside.out("x") });
      inner.output(
        "x",
        "tensor",
        inner.add("guidegraph/ddpm-step", { prediction: made.out("prediction"), noise }).out("x"),
      );
    });
    return decoded(from, loop.out("x"));
  },
  "a gradient through the network, scaled by the step": () => {
    const from = start();
    const loop = loopOf(from, {}, (inner, at) => {
      const error = inner.differentiate(
        "Loss",
        { x: at.x, step: at.step, model: at.model, labels: at.labels },
        (graph) => {
          const [x, step, model] = [
            graph.input("x", "tensor"),
            graph.input("step", "step"),
            graph.input("model", "model"),
          ];
          const made = predicted(graph, { x, step, model, labels: graph.input("labels", "labels") });
          const target = graph.add("guidegraph/scale", { tensor: x, scale: 0.5 }).out("tensor");
          graph.output(
            "loss",
            "tensor",
            graph.add("guidegraph/squared-error", { tensor: made.out("mean"), target }).out("loss"),
          );
          graph.output("prediction", "prediction", made.out("prediction"));
        },
      );
      const sigma = inner.add("guidegraph/step-value", { step: at.step }).out("sigma");
      const weight_b = inner.add("guidegraph/arithmetic", { a: sigma, b: -0.3 }).out("number");
      const a = inner.add("guidegraph/ddim-step", { prediction: error.out("prediction") }).out("x");
      inner.output("x", "tensor", inner.add("guidegraph/add", { a, b: error.out("gradient"), weight_b }).out("tensor"));
    });
    return decoded(from, loop.out("x"));
  },
  "noise added outside of the loop, which begins in the middle": () => {
    const from = start();
    const step = from.b.add("guidegraph/schedule-step", { schedule: from.schedule, index: 2 }).out("step");
    const eps = from.b.add("guidegraph/draw-noise", { noise: from.noise, step }).out("eps");
    const x0 = from.b.add("guidegraph/scale", { tensor: from.x, scale: 0.2 }).out("tensor");
    const x = from.b.add("guidegraph/add-noise", { x0, noise: eps, step }).out("x");
    const loop = loopOf(from, { x, start: 2, noise: from.noise }, (inner, at) => {
      const given = { prediction: predicted(inner, at).out("prediction"), noise: inner.input("noise", "noise") };
      inner.output("x", "tensor", inner.add("guidegraph/ddpm-step", given).out("x"));
    });
    return decoded(from, loop.out("x"));
  },
};

interface Ran {
  readonly pictures: Uint8Array;
  readonly tensor: Float32Array;
}

const planned = (document: GraphDocument, registry: Registry = nodes): Promise<Plan> =>
  withKnown({ networks, ...files }, (known) => plan(document, registry, known));

/** What is saved last. */
async function ran(document: GraphDocument): Promise<Ran> {
  const saved: Pictures[] = [];
  const tensors: Tensor[] = [];
  const outputs = () => ({
    ...{ preview() {}, async png() {}, async measure() {} },
    async npz(pictures: Pictures) {
      saved.push(pictures);
    },
    async tensor(_: string, tensor: Tensor) {
      tensors.push(tensor);
    },
  });
  await lastValueFrom(run(await planned(document), { models, ...files, outputs }), { defaultValue: null });
  return { pictures: saved.at(-1)?.data ?? new Uint8Array(), tensor: tensors.at(-1)?.data ?? new Float32Array() };
}

const exportOf = async (document: GraphDocument, registry?: Registry): Promise<Exported> =>
  exportPlan(await planned(document, registry), { networks, ...files, signal });

async function opened(model: OnnxModel): Promise<InferenceSession> {
  const bytes = await writeModel(model);
  expect(
    readModel(bytes)
      .graph.nodes.map(({ domain }) => domain)
      .every((domain) => domain === ""),
  ).toBe(true);
  expect(model.opsets.get("")).toBe(18);
  return InferenceSession.create(bytes, { logSeverityLevel: 3 });
}

const feedOf = ({ type, atHand: { dims, values } }: GraphInput): OrtTensor => {
  const pieces = [...values()].map((piece) => Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  const bytes = new Uint8Array(Buffer.concat(pieces));
  const data =
    type === "int64" ? new BigInt64Array(bytes.buffer) : type === "uint8" ? bytes : new Float32Array(bytes.buffer);
  return new OrtTensor(type, data as never, dims);
};
const feedsOf = ({ inputs }: Exported) => Object.fromEntries(inputs.map((input) => [input.name, feedOf(input)]));

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, by: number): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(Math.abs(found[i] - expected[i])).toBeLessThanOrEqual(by);
}

test.each(Object.entries(documents))("%s", async (_, document) => {
  const exported = await exportOf(document());
  const { pictures } = await (await opened(exported.sampler)).run(feedsOf(exported));
  const expected = await ran(document());
  expectClose(pictures.data as Uint8Array, expected.pictures, 1);
  expect(exported.samples).toEqual({ count: 2, isOpen: true });
});

/** Each on its own noise: a loop of DDIM for labels that are repeated, and what is chosen of its samples. */
function repeated(choose: (b: Start["b"], x: Wire) => Wire, classes = "1,2"): GraphDocument {
  const from = start(classes);
  const { b } = from;
  const labels = b.add("guidegraph/repeat-labels", { labels: from.labels, times: 3 }).out("labels");
  const noise = b.add("guidegraph/gaussian-noise", { labels, height: side, seed: 6 });
  const loop = loopOf({ ...from, labels, x: noise.out("x_T") }, {}, (inner, at) => {
    const prediction = predicted(inner, at).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction }).out("x"));
  });
  return decoded(from, choose(b, loop.out("x")));
}

const scored = (b: Pick<Start["b"], "add">, tensor: Wire): Wire =>
  b.add("guidegraph/reduce", { tensor, by: "mean" }).out("tensor");

/** Particles that are drawn anew in each step, by the means of their values. */
function particles(threshold: number): GraphDocument {
  const from = start("1,2,0,1");
  const other = from.b.add("guidegraph/gaussian-noise", { labels: from.labels, height: side, seed: 7, stream: 1 });
  const loop = loopOf(from, { noise: from.noise, other: other.out("noise") }, (inner, at) => {
    const given = { prediction: predicted(inner, at).out("prediction"), noise: inner.input("noise", "noise") };
    const tensor = inner.add("guidegraph/ddpm-step", given).out("x");
    const scores = inner.add("guidegraph/scale", { tensor: scored(inner, tensor), scale: 60 }).out("tensor");
    const weighed = { log_weights: scores, noise: inner.input("other", "noise"), step: at.step, of: 4, threshold };
    const indices = inner.add("guidegraph/resample", weighed).out("indices");
    inner.output("x", "tensor", inner.add("guidegraph/gather", { tensor, indices }).out("tensor"));
  });
  return decoded(from, loop.out("x"));
}

const chosen: Readonly<Record<string, () => GraphDocument>> = {
  ...Object.fromEntries(
    (["highest", "lowest"] as const).map((first) => [
      `the two ${first} of three draws`,
      () =>
        repeated((b, tensor) => {
          const indices = b
            .add("guidegraph/rank", { scores: scored(b, tensor), of: 3, count: 2, first })
            .out("indices");
          return b.add("guidegraph/gather", { tensor, indices }).out("tensor");
        }),
    ]),
  ),
  "the best of three draws of one label": () =>
    repeated((b, tensor) => {
      const indices = b.add("guidegraph/rank", { scores: scored(b, tensor) }).out("indices");
      return b.add("guidegraph/gather", { tensor, indices }).out("tensor");
    }, "2"),
  "particles, drawn anew where half of them count": () => particles(0.5),
  "particles, drawn anew in each step": () => particles(1),
};

test.each(Object.entries(chosen))("%s are the same in an export", async (name, document) => {
  const exported = await exportOf(document());
  const { pictures } = await (await opened(exported.sampler)).run(feedsOf(exported));
  expectClose(pictures.data as Uint8Array, (await ran(document())).pictures, 1);
  const isMixed = name.includes("three");
  expect(exported.samples).toMatchObject({ isOpen: !isMixed, ...(isMixed && { isMixed }) });
});

const kept = ({ b }: Start, tensor: Wire): GraphDocument => {
  b.add("guidegraph/save-tensor", { tensor });
  return b.document();
};

/** A graph without a network: as it runs, and as its export does with numbers of `given` by their names. */
async function expectTensor(exported: Exported, expected: GraphDocument, given: Readonly<Record<string, number>> = {}) {
  const numbers = Object.entries(given).map(
    ([name, value]) => [name, new OrtTensor("float32", Float32Array.of(value), [])] as const,
  );
  const feeds = { ...feedsOf(exported), ...Object.fromEntries(numbers) };
  const { tensor } = await (await opened(exported.sampler)).run(feeds);
  expectClose(tensor.data as Float32Array, (await ran(expected)).tensor, 1e-5);
}

describe("one label", () => {
  /** For so many samples in the first loop, and others in a second, which begins with as many of the first as it has. */
  const shared = (isGuided: boolean): GraphDocument => {
    const from = start("2");
    const { b, model } = from;
    const classifier = b.add("guidegraph/load-classifier", { file: "judge.onnx" }).out("classifier");
    const cond_fn = b.add("guidegraph/build-cond-fn", { classifier, labels: from.labels, scale: 3 }).out("cond_fn");
    const loops = [2, 3].map((batch) => {
      const x = b.add("guidegraph/gaussian-noise", { model, height: side, batch, seed: batch }).out("x_T");
      return loopOf({ ...from, x }, { cond_fn }, (inner, at) => {
        const made = predicted(inner, at).out("prediction");
        const asked = { cond_fn: inner.input("cond_fn", "cond_fn"), x: at.x, step: at.step };
        const gradient = inner.add("guidegraph/guidance-gradient", asked).out("gradient");
        const moved = inner.add("guidegraph/condition-score", { prediction: made, gradient }).out("prediction");
        const prediction = isGuided ? moved : made;
        inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction }).out("x"));
      }).out("x");
    });
    const [first, second] = loops.map((tensor) => b.add("guidegraph/reduce", { tensor, by: "mean" }).out("tensor"));
    const mean = b.add("guidegraph/gather", {
      tensor: first,
      indices: b.add("guidegraph/scale", { tensor: second, scale: 0 }).out("tensor"),
    });
    return kept(from, b.add("guidegraph/add", { a: second, b: mean.out("tensor") }).out("tensor"));
  };
  test.each([false, true])("is that of samples of several numbers, guided: %s", async (isGuided) => {
    await expectTensor(await exportOf(shared(isGuided)), shared(isGuided));
  });
});

test("of one sample that is repeated for draws, the batch is fixed too", async () => {
  const document = () => {
    const b = documentBuilder(nodes);
    const size = { height: side, width: side, channels: 3 };
    const x = b.add("guidegraph/gaussian-noise", size).out("x_T");
    const draws = b.add("guidegraph/gaussian-noise", { ...size, batch: 4, stream: 1 }).out("x_T");
    const a = b.add("guidegraph/repeat", { tensor: x, times: 4 }).out("tensor");
    b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/add", { a, b: draws }).out("tensor") });
    return b.document();
  };
  const exported = await exportOf(document());
  expect(exported.samples).toMatchObject({ isOpen: false, isMixed: true });
  await expectTensor(exported, document());
});

test("a group that is the whole batch fixes how many samples there are", async () => {
  const document = () => {
    const from = start();
    const tensor = from.b.add("guidegraph/reduce", { tensor: from.x, by: "norm" }).out("tensor");
    return kept(from, from.b.add("guidegraph/rank", { scores: tensor }).out("indices"));
  };
  const exported = await exportOf(document());
  expect(exported.samples).toMatchObject({ isOpen: false });
  await expectTensor(exported, document());
});

describe("a port of a number or a tensor", () => {
  const takers: Readonly<Record<string, (from: Start, known: Wire) => Wire>> = {
    "Scale.scale": ({ b, x }, scale) => b.add("guidegraph/scale", { tensor: x, scale }).out("tensor"),
    "Add.weight_b": ({ b, x }, weight_b) => b.add("guidegraph/add", { a: x, b: x, weight_b }).out("tensor"),
    "Normalise.norm": ({ b, x }, norm) => b.add("guidegraph/normalise", { tensor: x, norm }).out("tensor"),
    "Slerp.t": ({ b, x }, t) => {
      const other = b.add("guidegraph/formula", { formula: "a^2 - 1", a: x }).out("tensor");
      return b.add("guidegraph/slerp", { a: x, b: other, t }).out("tensor");
    },
    "Pick.index": ({ b, x }, index) => b.add("guidegraph/pick", { tensor: x, index }).out("tensor"),
    "Formula.b": ({ b, x }, known) => b.add("guidegraph/formula", { formula: "a * b", a: x, b: known }).out("tensor"),
  };

  test.each(Object.entries(takers))("%s takes a tensor that is known before the run", async (_, take) => {
    const document = () => {
      const from = start();
      const a = from.b.add("guidegraph/number", { value: 4 }).out("number");
      return kept(from, take(from, from.b.add("guidegraph/formula", { formula: "a / 4", a }).out("tensor")));
    };
    await expectTensor(await exportOf(document()), document());
  });

  test("a tensor that is out of a parameter's range is refused as in a run", async () => {
    const from = start();
    const norm = from.b.add("guidegraph/formula", { formula: "-1" }).out("tensor");
    const document = kept(from, from.b.add("guidegraph/normalise", { tensor: from.x, norm }).out("tensor"));
    const message = "It must be a number of at least 0, not -1, which sample 0 has";
    await expect(exportOf(document)).rejects.toThrow(message);
    await expect(ran(document)).rejects.toThrow(message);
  });
});

describe("what a loop carries without a first value, in the loops within", () => {
  const twice = { order: "1,0" };
  /** The loop carries `before`, the x that it had; `inside` gives the next x. */
  function carrying(inside: (inner: InnerBuilder, x: Wire, before: Wire, rows: Wire) => Wire): GraphDocument {
    const from = start();
    const loop = from.b.loop("Outer", { schedule: from.schedule, rows: from.schedule, x: from.x }, (inner) => {
      const x = inner.input("x", "tensor");
      const next = inside(inner, x, inner.input("before", "tensor"), inner.input("rows", "schedule"));
      inner.output("x", "tensor", next);
      inner.output("before", "tensor", x);
    });
    return kept(from, loop.out("x"));
  }
  const averaged = (inner: InnerBuilder, x: Wire, before: Wire) => {
    const tensor = inner.add("guidegraph/formula", { formula: "0.9 * a + 0.1", a: x });
    return inner.add("guidegraph/moving-average", { tensor: tensor.out("tensor"), before, decay: 0.3 }).out("tensor");
  };
  const insideOf = (inner: InnerBuilder, given: object, build: (deep: InnerBuilder) => void) =>
    inner.loop("Inside", { ...twice, ...given }, build).out("x");

  test.each<[string, () => GraphDocument]>([
    [
      "read in a loop within",
      () =>
        carrying((inner, x, before, schedule) =>
          insideOf(inner, { schedule, x, before }, (deep) =>
            deep.output("x", "tensor", averaged(deep, deep.input("x", "tensor"), deep.input("before", "tensor"))),
          ),
        ),
    ],
    [
      "read two loops within, beside one of the loop between",
      () =>
        carrying((inner, x, before, schedule) =>
          insideOf(inner, { schedule, rows: schedule, x, before }, (deep) => {
            const given = { schedule: deep.input("rows", "schedule"), x: deep.input("x", "tensor") };
            const outer = deep.input("before", "tensor");
            const made = insideOf(deep, { ...given, outer, between: deep.input("own", "tensor") }, (deepest) => {
              const x = deepest.input("x", "tensor");
              const a = averaged(deepest, x, deepest.input("outer", "tensor"));
              const b = averaged(deepest, x, deepest.input("between", "tensor"));
              deepest.output("x", "tensor", deepest.add("guidegraph/add", { a, b, weight_b: -0.5 }).out("tensor"));
            });
            deep.output("x", "tensor", made);
            deep.output("own", "tensor", given.x);
          }),
        ),
    ],
  ])("%s is absent in its own first step alone", async (_, document) => {
    await expectTensor(await exportOf(document()), document());
  });

  test("is refused as what another carries first", async () => {
    const document = carrying((inner, x, before, schedule) =>
      insideOf(inner, { schedule, rows: schedule, x, before }, (deep) => {
        const before = deep.input("before", "tensor");
        const own = insideOf(deep, { schedule: deep.input("rows", "schedule"), x: before }, (deepest) => {
          const x = deepest.input("x", "tensor");
          deepest.output("x", "tensor", averaged(deepest, x, x));
        });
        deep.output("x", "tensor", averaged(deep, deep.input("x", "tensor"), own));
      }),
    );
    await expect(exportOf(document)).rejects.toThrow("“x” has no first value in the first step of the loop around");
  });

  test("is refused as what a loop leaves", async () => {
    const document = carrying((inner, x, before, schedule) => {
      const loop = inner.loop("Inside", { ...twice, schedule, before }, (deep) =>
        deep.output("last", "tensor", deep.input("before", "tensor")),
      );
      return averaged(inner, x, loop.out("last"));
    });
    await expect(exportOf(document)).rejects.toThrow("“last” has no value in the first step");
  });
});

describe("what a loop collects", () => {
  /** Of a DDIM loop whatever `each` makes of a step, where `condition` says so, behind `first`. */
  function collecting(
    each: (inner: InnerBuilder, at: Step, x0: Wire) => { readonly tensor: Wire; readonly condition?: Wire | number },
    first?: (from: Start) => Wire,
  ): GraphDocument {
    const from = start();
    const loop = loopOf(from, first ? { all: first(from) } : {}, (inner, at) => {
      const made = predicted(inner, at);
      const before = inner.input("all", "tensor");
      const all = inner.add("guidegraph/collect", { before, ...each(inner, at, made.out("pred_xstart")) });
      inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction: made.out("prediction") }).out("x"));
      inner.output("all", "tensor", all.out("tensor"));
    });
    return kept(from, loop.out("all"));
  }
  const everyOther = (inner: InnerBuilder, { step }: Step) =>
    inner.add("guidegraph/step-interval", { step, every: 2 }).out("condition");

  const films: Readonly<Record<string, () => GraphDocument>> = {
    "in each step": () => collecting((_, { x }) => ({ tensor: x })),
    "in some steps": () => collecting((inner, at, tensor) => ({ tensor, condition: everyOther(inner, at) })),
    "behind what is there first": () =>
      collecting(
        (inner, at, tensor) => ({ tensor, condition: everyOther(inner, at) }),
        ({ x }) => x,
      ),
    "in a loop within": () => {
      const from = start();
      const loop = from.b.loop("Outer", { schedule: from.schedule, rows: from.schedule, x: from.x }, (inner) => {
        const [schedule, x] = [inner.input("rows", "schedule"), inner.input("x", "tensor")];
        const inside = inner.loop("Inside", { schedule, order: "2,1,0", x }, (deep) => {
          const tensor = deep.add("guidegraph/scale", { tensor: deep.input("x", "tensor"), scale: 0.9 }).out("tensor");
          const all = deep.add("guidegraph/collect", { tensor, before: deep.input("all", "tensor") });
          deep.output("x", "tensor", tensor);
          deep.output("all", "tensor", all.out("tensor"));
        });
        inner.output("x", "tensor", inside.out("x"));
        inner.output("film", "tensor", inside.out("all"));
      });
      return kept(from, loop.out("film"));
    },
  };
  test.each(Object.entries(films))("%s leaves", async (_, document) => {
    await expectTensor(await exportOf(document()), document());
  });

  test("is of any number of samples, and says how many there are of each", async () => {
    const { samples, sampler } = await exportOf(films["in some steps"]());
    expect(samples).toEqual({ count: 2, isOpen: true });
    expect(sampler.graph.outputs[0].dims?.slice(1)).toEqual([3, side, side]);
    expect(String(sampler.graph.outputs[0].dims?.[0])).toBe("2·N");
  });

  test.each<[string, () => GraphDocument, string]>([
    [
      "in no step",
      () =>
        collecting(
          (_, { x }) => ({ tensor: x, condition: 0 }),
          ({ x }) => x,
        ),
      "it collects nothing in any step",
    ],
    [
      "read by a step",
      () => {
        const from = start();
        const loop = loopOf(from, {}, (inner, { x }) => {
          const before = inner.input("all", "tensor");
          const all = inner.add("guidegraph/collect", { tensor: x, before }).out("tensor");
          const mean = inner.add("guidegraph/reduce", { tensor: all, by: "mean", over: "channels" }).out("tensor");
          inner.output("x", "tensor", inner.add("guidegraph/formula", { formula: "a * 0.5", a: x }).out("tensor"));
          inner.output("all", "tensor", all);
          inner.output("mean", "tensor", mean);
        });
        return kept(from, loop.out("mean"));
      },
      "“Collect” cannot be exported: it collects what several steps give",
    ],
  ])("%s is refused", async (_, document, message) => {
    await expect(exportOf(document())).rejects.toThrow(message);
  });
});

describe("a number that is typed", () => {
  type Read = (from: Start, n: Wire) => Wire;
  const scaled = ({ b, x }: Start, scale: Wire) => b.add("guidegraph/scale", { tensor: x, scale }).out("tensor");
  const typed = (read: Read, value: number, registry?: Registry): GraphDocument => {
    const from = start("1,2", registry);
    return kept(from, read(from, from.b.add("guidegraph/number", { value }).out("number")));
  };
  const portsOf = async (document: GraphDocument, registry?: Registry) =>
    exportedPorts(await planned(document, registry), { networks, ...files, signal });
  const numbersOf = ({ inputs }: Pick<Exported, "inputs">) =>
    inputs.filter(({ is }) => is === "number").map(({ name }) => name);

  const averaged = (from: Start, decay: Wire, kind: string) => {
    const loop = from.b.loop("Loop", { schedule: from.schedule, x: from.x, decay }, (inner) => {
      const [tensor, decay] = [inner.input("x", "tensor"), inner.input("decay", "number")];
      const given = { tensor, before: inner.input("average", "tensor"), decay, kind };
      const average = inner.add("guidegraph/moving-average", given).out("tensor");
      inner.output("average", "tensor", average);
      inner.output(
        "x",
        "tensor",
        inner.add("guidegraph/formula", { formula: "a - b^2 / 9", a: tensor, b: average }).out("tensor"),
      );
    });
    return loop.out("average");
  };
  const asItIs: Readonly<Record<string, Read>> = {
    "two that scale": (from, n) => scaled({ ...from, x: scaled(from, n) }, n),
    "a formula of tensors": ({ b, x }, n) =>
      b.add("guidegraph/formula", { formula: "a * b + b^2", a: x, b: n }).out("tensor"),
    "a moving average": (from, n) => averaged(from, n, "average"),
    "a momentum": (from, n) => averaged(from, n, "momentum"),
    "a choice": ({ b, x }, condition) =>
      b
        .add("guidegraph/switch", {
          condition,
          a: x,
          b: b.add("guidegraph/formula", { formula: "-a", a: x }).out("tensor"),
        })
        .out("tensor"),
  };

  test.each(Object.entries(asItIs))("read by %s is an input, and decides when it is changed", async (_, read) => {
    const exported = await exportOf(typed(read, 2));
    expect([numbersOf(exported), exported.builtIn]).toEqual([["Number.value"], []]);
    for (const value of [2, 0.5, 0]) await expectTensor(exported, typed(read, value), { "Number.value": value });
  });

  const computed: Readonly<Record<string, Read>> = {
    "Number Formula": (from, n) => {
      const squared = from.b.add("guidegraph/number-formula", { formula: "a * a", a: n }).out("number");
      return scaled({ ...from, x: scaled(from, n) }, squared);
    },
    Formula: (from, n) =>
      scaled(
        { ...from, x: scaled(from, n) },
        from.b.add("guidegraph/formula", { formula: "a / 4", a: n }).out("tensor"),
      ),
    Loop: (from, start) =>
      loopOf(from, { x: scaled(from, start), start }, (inner, { x }) => inner.output("x", "tensor", x)).out("x"),
    "Gaussian Noise": (from, seed) => {
      const noise = from.b.add("guidegraph/gaussian-noise", {
        labels: from.labels,
        model: from.model,
        height: side,
        seed,
      });
      return scaled({ ...from, x: noise.out("x_T") }, seed);
    },
    Crop: (from, height) =>
      from.b.add("guidegraph/crop", { tensor: scaled(from, height), height, width: 2 }).out("tensor"),
    "DDIM Step": (from, eta) =>
      loopOf(from, { eta, noise: from.noise }, (inner, at) => {
        const eta = inner.input("eta", "number");
        const given = { prediction: predicted(inner, at).out("prediction"), noise: inner.input("noise", "noise"), eta };
        const tensor = inner.add("guidegraph/ddim-step", given).out("x");
        inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor, scale: eta }).out("tensor"));
      }).out("x"),
    "Switch Prediction": (from, condition) =>
      loopOf(from, { condition }, (inner, at) => {
        const [a, b] = [predicted(inner, at).out("prediction"), predicted(inner, at).out("prediction")];
        const given = { condition: inner.input("condition", "number"), a, b };
        const prediction = inner.add("guidegraph/switch-prediction", given).out("prediction");
        inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction }).out("x"));
      }).out("x"),
  };

  test.each(Object.entries(computed))("that %s computes with is no input, which is said", async (by, read) => {
    const ports = await portsOf(typed(read, 1));
    const node = { path: expect.any(String), title: "Number", port: "value" };
    expect([numbersOf(ports), ports.builtIn]).toEqual([[], [{ node, value: 1, by }]]);
  });

  test("what a node makes of it is another number, though it be alike", async () => {
    const squared = defineNode({
      ...{ type: "guidegraph/squared", version: 1, title: "Squared", category: "own", description: "" },
      ...{ inputs: { a: port.number({ default: 0 }) }, outputs: { number: port.numberOut() }, infer: () => ({}) },
      run: ({ a }: { readonly a: number }) => ({ number: a * a }),
    } as AnyNode);
    const registry = { ...nodes, "guidegraph/squared": squared };
    const document = typed(
      (from, a) => scaled(from, from.b.add("guidegraph/squared", { a }).out("number")),
      1,
      registry,
    );
    expect(numbersOf(await portsOf(document, registry))).toEqual([]);
  });
});

test("what is given decides: other samples, labels, noise and scale", async () => {
  const exported = await exportOf(guided());
  const session = await opened(exported.sampler);
  const others = await exportOf(guided("3,0,1", -2));
  const { pictures } = await session.run(feedsOf(others));
  expectClose(pictures.data as Uint8Array, (await ran(guided("3,0,1", -2))).pictures, 1);
  expect(exported.inputs.map(({ name, dims }) => [name, dims])).toEqual([
    ["labels", ["N"]],
    ["Build cond_fn.scale", []],
    ["x_T", ["N", 3, side, side]],
    ["noise", [3, "N", 3, side, side]],
  ]);
});

test.each(["guided DDPM", "a solver that carries its prediction, thresholded"])(
  "the steps of %s one by one are the whole",
  async (name) => {
    const exported = await exportOf(documents[name]());
    const whole = await (await opened(exported.sampler)).run(feedsOf(exported));
    const [{ model, ports, loop }] = exported.steps;
    const session = await opened(model);
    const feeds: Record<string, OrtTensor> = feedsOf(exported);
    const noise = feeds.noise?.data as Float32Array | undefined;
    const { dims } = feeds.x_T;
    const size = dims.reduce((a, b) => a * b, 1);
    for (const state of ports.states)
      feeds[state.name] = state.name === "x" ? feeds.x_T : new OrtTensor("float32", new Float32Array(size), dims);
    for (const step of loop.steps.keys()) {
      feeds[ports.step] = new OrtTensor("int64", BigInt64Array.of(BigInt(step)), []);
      for (const { name, rows } of ports.draws)
        feeds[name] = new OrtTensor("float32", noise!.slice(rows[step] * size, (rows[step] + 1) * size), dims);
      const given = Object.fromEntries(session.inputNames.map((input) => [input, feeds[input]]));
      const made = await session.run(given);
      for (const { name, next } of ports.states) feeds[name] = made[next] as OrtTensor;
      expect(made.x0.dims).toEqual(dims);
    }
    expectClose(feeds.x.data as Float32Array, whole.x.data as Float32Array, 1e-4);
  },
);

describe("what cannot be exported is refused by its node", () => {
  const own = (more: Partial<AnyNode>): Registry => ({
    ...nodes,
    "guidegraph/own": defineNode({
      ...{ type: "guidegraph/own", version: 1, title: "Own", category: "own", description: "" },
      ...{ inputs: { x: port.tensor() }, outputs: { x: port.tensor() } },
      infer: ({ x }) => ({ x: { ...x } }),
      run: ({ x }: { readonly x: Tensor }) => ({ x }),
      ...more,
    } as AnyNode),
  });

  test.each([
    [{}, "“Own” cannot be exported: it has no drawn form"],
    [{ undrawn: "asks a person" }, "“Own” cannot be exported: it asks a person"],
  ])("a node that is not drawn", async (more, message) => {
    const registry = own(more);
    const from = start("1,2", registry);
    const loop = loopOf(from, {}, (inner, at) => {
      const x = inner.add("guidegraph/own", { x: at.x }).out("x");
      inner.output(
        "x",
        "tensor",
        inner.add("guidegraph/ddim-step", { prediction: predicted(inner, { ...at, x }).out("prediction") }).out("x"),
      );
    });
    const error = await exportOf(decoded(from, loop.out("x")), registry).catch((error) => error);
    expect(error).toBeInstanceOf(GraphError);
    expect([error.message, error.path]).toEqual([message, expect.stringMatching(/^\d+\/\d+$/)]);
  });

  test("a graph without anything to give", async () => {
    const b = documentBuilder(nodes);
    b.add("guidegraph/preview", { images: b.add("guidegraph/box-mask", { height: 8 }).out("image") });
    await expect(exportOf(b.document())).rejects.toThrow("Nothing to export");
  });
});
