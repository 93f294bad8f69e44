/** What a loop collects step by step. */
import { Tensor } from "onnxruntime-node";
import { afterAll, describe, expect, test } from "vitest";
import { manifestOf } from "../../export/index.ts";
import type { GraphDocument, InnerBuilder, Wire } from "../../graphs/document/index.ts";
import { networks, side } from "../support/drawn.ts";
import {
  expectClose,
  expectTensor,
  exportOf,
  feedsOf,
  kept,
  loopOf,
  opened,
  predicted,
  type Start,
  type Step,
  start,
} from "../support/exported.ts";

afterAll(() => networks.close());

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

  test("leaves once, however often it is saved", async () => {
    const from = start();
    const loop = from.b.loop("L", { schedule: from.schedule, x: from.x }, (inner) => {
      const tensor = inner.input("x", "tensor");
      const all = inner.add("guidegraph/collect", { tensor, before: inner.input("all", "tensor") });
      inner.output("all", "tensor", all.out("tensor"));
      inner.output("x", "tensor", inner.add("guidegraph/scale", { tensor, scale: 0.5 }).out("tensor"));
    });
    kept(from, loop.out("all"));
    const { outputs } = await exportOf(kept(from, loop.out("all")));
    expect(outputs.map(({ name }) => name)).toEqual(["tensor"]);
  });

  test.each([true, false])("is given by a step of its own, with what it predicts: %s", async (isPredicted) => {
    const from = start();
    const loop = loopOf(from, {}, (inner, at) => {
      const tensor = isPredicted
        ? predicted(inner, at).out("pred_xstart")
        : inner.add("guidegraph/scale", { tensor: at.x, scale: 0.5 }).out("tensor");
      const before = inner.input("all", "tensor");
      const set = { tensor, before, condition: everyOther(inner, at) };
      inner.output("all", "tensor", inner.add("guidegraph/collect", set).out("tensor"));
    });
    const exported = await exportOf(kept(from, loop.out("all")));
    const [{ model, ports }] = exported.steps;
    expect(ports).toMatchObject({ states: [], scans: [{ name: "all", of: "all", turns: [0, 2] }] });
    expect(ports.x0).toBe(isPredicted ? "x0" : undefined);
    expect(model.graph.outputs.map(({ dims }) => dims?.slice(1))).toEqual(
      model.graph.outputs.map(() => [3, side, side]),
    );
    const session = await opened(model);
    const all = feedsOf(exported);
    const rows: number[] = [];
    for (const turn of ports.scans[0].turns) {
      const given = { ...all, [ports.step]: new Tensor("int64", BigInt64Array.of(BigInt(turn)), []) };
      const feeds = Object.fromEntries(session.inputNames.map((name) => [name, given[name]]));
      rows.push(...((await session.run(feeds)).all.data as Float32Array));
    }
    const whole = await (await opened(exported.sampler)).run(all);
    expectClose(rows, whole.tensor.data as Float32Array, 1e-5);
  });

  test("and nothing else is what its step gives", async () => {
    const from = start();
    const walk = from.b.loop("Walk", { schedule: from.schedule, x: from.x }, (inner) => {
      const scale = inner.add("guidegraph/step-value", { step: inner.input("step", "step") }).out("progress");
      const tensor = inner.add("guidegraph/scale", { tensor: inner.input("x", "tensor"), scale }).out("tensor");
      const all = inner.add("guidegraph/collect", { tensor, before: inner.input("all", "tensor") });
      inner.output("all", "tensor", all.out("tensor"));
    });
    const document = kept(from, walk.out("all"));
    const exported = await exportOf(document);
    expect(exported.steps[0].model.graph.outputs.map(({ name }) => name)).toEqual(["all"]);
    await expectTensor(exported, document);
  });

  test("is of any number of samples, and says how many there are of each", async () => {
    const exported = await exportOf(films["in some steps"]());
    expect(exported.samples).toEqual({ count: 2, isOpen: true });
    const about = { version: "0", title: "Film", files: { sampler: "sampler.onnx", steps: ["step.onnx"] }, notes: [] };
    const [output] = manifestOf(exported, about).sampler.outputs;
    expect(output).toMatchObject({ name: "tensor", shape: ["2·N", 3, side, side] });
    // A size that only a run tells has no words.
    const { outputs, ...graph } = exported.sampler.graph;
    const named = {
      ...exported.sampler,
      graph: { ...graph, outputs: [{ ...outputs[0], dims: ["⌊g/Reshape 0⌋", 3] }] },
    };
    expect(manifestOf({ ...exported, sampler: named }, about).sampler.outputs[0].shape).toEqual([null, 3]);
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
