/** Exports of graphs whose batches are of several sizes, or that take one number of samples alone. */
import { afterAll, describe, expect, test } from "vitest";
import { everyStep, type NodeStep } from "../../executor/index.ts";
import { exportPlan } from "../../export/index.ts";
import { documentBuilder, type GraphDocument, type Wire } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { networks, side } from "../support/drawn.ts";
import {
  condFnOf,
  decoded,
  expectClose,
  expectTensor,
  exportOf,
  feedsOf,
  kept,
  loopOf,
  opened,
  planned,
  predicted,
  ran,
  type Start,
  start,
  surroundings,
} from "../support/exported.ts";

afterAll(() => networks.close());

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

describe("one label", () => {
  /** For so many samples in the first loop, and others in a second, which begins with as many of the first as it has. */
  const shared = (isGuided: boolean): GraphDocument => {
    const from = start("2");
    const { b, model } = from;
    const cond_fn = condFnOf(from);
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

test("a group that is the whole batch is of any number of samples", async () => {
  const document = () => {
    const from = start();
    const tensor = from.b.add("guidegraph/reduce", { tensor: from.x, by: "norm" }).out("tensor");
    return kept(from, from.b.add("guidegraph/rank", { scores: tensor }).out("indices"));
  };
  const exported = await exportOf(document());
  expect(exported.samples).toMatchObject({ isOpen: true });
  await expectTensor(exported, document());
});

describe("the best of the whole batch", () => {
  const ranked = (count: number) => {
    const from = start("1,2,0");
    const scores = from.b.add("guidegraph/reduce", { tensor: from.x, by: "norm" }).out("tensor");
    return kept(from, from.b.add("guidegraph/rank", { scores, count }).out("indices"));
  };

  test("is of any number of samples, the best two of as many as there are", async () => {
    expect((await exportOf(ranked(1))).samples).toMatchObject({ isOpen: true });
    const exported = await exportOf(ranked(2));
    expect(exported.samples).toEqual({ count: 3, isOpen: false, why: "a Rank takes the best 2 of all" });
    await expectTensor(exported, ranked(2));
  });

  test("that it has not is refused, also where its size is known late", async () => {
    await expect(exportOf(ranked(4))).rejects.toThrow("Cannot take the best 4 of groups of 3");
    const late = await planned(ranked(3));
    const [rank] = everyStep(late.steps).filter((step) => step.is === "node" && step.definition.title === "Rank");
    Object.assign((rank as NodeStep).inputs, { count: { value: 4 } });
    await expect(exportPlan(late, surroundings)).rejects.toMatchObject({
      ...{ message: "Cannot take the best 4 of groups of 3", port: "count", path: rank.path },
    });
  });
});
