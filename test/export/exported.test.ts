/** An exported graph gives what its run gives: in onnxruntime, with other samples and numbers too, as a whole and step by step. */
import { Tensor as OrtTensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { manifestOf } from "../../export/index.ts";
import { documentBuilder, type GraphDocument } from "../../graphs/document/index.ts";
import { type AnyNode, defineNode, GraphError, nodes, port, type Registry } from "../../nodes/index.ts";
import { networks, side } from "../support/drawn.ts";
import {
  condFnOf,
  decoded,
  expectClose,
  exportOf,
  feedsOf,
  loopOf,
  opened,
  predicted,
  ran,
  start,
} from "../support/exported.ts";

afterAll(() => networks.close());

function guided(classes?: string, scale = 3): GraphDocument {
  const from = start(classes);
  const cond_fn = condFnOf(from, scale);
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
  const cond_fn = condFnOf(from);
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
  "windows of x, which begin elsewhere in each turn of an inner loop": () => {
    const from = start();
    const loop = loopOf(from, { schedule: from.schedule, rows: from.schedule }, (inner, at) => {
      const sum = inner.add("guidegraph/scale", { tensor: at.x, scale: 0 }).out("tensor");
      const given = { schedule: inner.input("rows", "schedule"), order: "2..0", sum, whole: at.x };
      const windows = inner.loop("Windows", { ...given, at: at.step, model: at.model, labels: at.labels }, (turn) => {
        const { out } = turn.add("guidegraph/step-value", { step: turn.input("step", "step") });
        const back = turn.add("guidegraph/arithmetic", { a: out("taken"), b: -1 }).out("number");
        const part = { tensor: turn.input("whole", "tensor"), left: out("taken"), height: side, width: side };
        const x = turn.add("guidegraph/crop", part).out("tensor");
        const known = { model: turn.input("model", "model"), labels: turn.input("labels", "labels") };
        const eps = predicted(turn, { x, step: turn.input("at", "step"), ...known }).out("eps");
        const placed = { tensor: eps, left: back, height: side, width: side };
        const b = turn.add("guidegraph/crop", placed).out("tensor");
        const total = { a: turn.input("sum", "tensor"), b, weight_b: 1 / 3 };
        turn.output("sum", "tensor", turn.add("guidegraph/add", total).out("tensor"));
      });
      const eps = inner.add("guidegraph/take-as", { tensor: windows.out("sum"), meaning: "eps" }).out("tensor");
      const made = inner.add("guidegraph/prediction-from-eps", { eps, x: at.x, step: at.step }).out("prediction");
      inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction: made }).out("x"));
    });
    return decoded(from, loop.out("x"));
  },
  "a gradient through the network of an error held constant, and held once more": () => {
    const from = start();
    const loop = loopOf(from, {}, (inner, at) => {
      const given = { x: at.x, step: at.step, model: at.model, labels: at.labels };
      const d = inner.differentiate("Loss", given, (graph) => {
        const [x, step] = [graph.input("x", "tensor"), graph.input("step", "step")];
        const asked = { model: graph.input("model", "model"), labels: graph.input("labels", "labels") };
        const x0 = predicted(graph, { x, step, ...asked }).out("pred_xstart");
        const error = graph.add("guidegraph/add", { a: x, b: x0, weight_b: -1 }).out("tensor");
        const a = graph.add("guidegraph/stop-gradient", { tensor: error }).out("tensor");
        graph.output("loss", "tensor", graph.add("guidegraph/dot", { a, b: x0 }).out("product"));
      });
      const b = inner.add("guidegraph/stop-gradient", { tensor: d.out("gradient") }, "Idle").out("tensor");
      inner.output("x", "tensor", inner.add("guidegraph/add", { a: at.x, b, weight_b: 0.3 }).out("tensor"));
    });
    return decoded(from, loop.out("x"));
  },
  "counted steps alone": () => {
    const from = start();
    const schedule = from.b.add("guidegraph/counted-steps", { count: 3 }).out("schedule");
    const loop = loopOf(from, { schedule }, (inner, { x, step }) => {
      const given = { formula: "a * (1 - taken / 4)", a: x, step, meaning: "x" };
      inner.output("x", "tensor", inner.add("guidegraph/formula", given).out("tensor"));
    });
    return decoded(from, loop.out("x"));
  },
  "a few counted steps within each step, with draws and numbers of their own": () => {
    const from = start();
    const rows = from.b.add("guidegraph/counted-steps", { count: 3 }).out("schedule");
    const loop = loopOf(from, { noise: from.noise, rows }, (inner, at) => {
      const noise = inner.input("noise", "noise");
      const given = { schedule: inner.input("rows", "schedule"), x: at.x, noise };
      const climbed = inner.loop("Climb", given, (turn) => {
        const step = turn.input("step", "step");
        const b = turn.add("guidegraph/draw-noise", { noise: turn.input("noise", "noise"), step }).out("eps");
        const formula = "a + 0.1 * b * (taken + 1) / steps";
        const moved = turn.add("guidegraph/formula", { formula, a: turn.input("x", "tensor"), b, step, meaning: "x" });
        turn.output("x", "tensor", moved.out("tensor"));
      });
      const next = { prediction: predicted(inner, { ...at, x: climbed.out("x") }).out("prediction"), noise };
      inner.output("x", "tensor", inner.add("guidegraph/ddpm-step", next).out("x"));
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

test.each(Object.entries(documents))("%s", async (_, document) => {
  const exported = await exportOf(document());
  const { pictures } = await (await opened(exported.sampler)).run(feedsOf(exported));
  const expected = await ran(document());
  expectClose(pictures.data as Uint8Array, expected.pictures, 1);
  expect(exported.samples).toEqual({ count: 2, isOpen: true });
  const files = { sampler: "sampler.onnx", steps: exported.steps.map((_, i) => `step-${i}.onnx`) };
  const { steps } = manifestOf(exported, { version: "1", title: "", files, notes: [] });
  expect(steps.map(({ count }) => count)).toEqual(exported.steps.map(({ loop }) => loop.steps.length));
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

  test("a graph that saves in the steps of a loop alone", async () => {
    const from = start();
    loopOf(from, {}, (inner, { x }) => {
      inner.add("guidegraph/save-tensor", { tensor: x });
      inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor: x, scale: 0.5 }).out("tensor"));
    });
    await expect(exportOf(from.b.document())).rejects.toThrow(
      "“Save Tensor” is left out, since it saves a file in each step; let a Collect gather what it is given",
    );
  });

  /** The difference of two steps' noise, kept as a number or as the tensor that a Formula makes of it. */
  function carriesNoise(kind: "number" | "tensor"): GraphDocument {
    const from = start();
    const loop = loopOf(from, {}, (inner, { x, step }) => {
      const before = inner.input("before", kind);
      const now = {
        number: () => inner.add("guidegraph/step-value", { step }).out("noise_level"),
        tensor: () => inner.add("guidegraph/formula", { formula: "noise_level", step }).out("tensor"),
      }[kind]();
      inner.output("before", kind, now);
      const moved = { formula: "taken > 0 ? a * b / noise_level : a", a: x, b: before, step, meaning: "x" };
      inner.output("x", "tensor", inner.add("guidegraph/formula", moved).out("tensor"));
    });
    return decoded(from, loop.out("x"));
  }

  test("a number that a loop carries, of which a Formula makes a tensor that can be", async () => {
    await expect(exportOf(carriesNoise("number"))).rejects.toThrow(/“before” is a number.*let a Formula make a tensor/);
    const exported = await exportOf(carriesNoise("tensor"));
    const [numbers, tensors] = await Promise.all(
      (["number", "tensor"] as const).map((kind) => ran(carriesNoise(kind))),
    );
    expect(tensors.pictures).toEqual(numbers.pictures);
    const given = await (await opened(exported.sampler)).run(feedsOf(exported));
    expect(given.pictures.data).toEqual(numbers.pictures);
  });
});
