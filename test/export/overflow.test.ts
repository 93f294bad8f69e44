/** Infinity that a clip would hide: a run refuses it, and of an export it leaves as NaN, for the samples that it is in. */
import { afterAll, expect, test } from "vitest";
import type { GraphDocument, InnerBuilder, Wire } from "../../graphs/document/index.ts";
import { networks } from "../support/drawn.ts";
import { exportOf, feedsOf, kept, loopOf, opened, ran, start } from "../support/exported.ts";

afterAll(() => networks.close());

type At = Pick<InnerBuilder, "add">;
type Given = { readonly x: Wire; readonly step: Wire };

/** x₀ of ε = factor · x, clipped. */
const clips: Readonly<Record<string, (b: At, eps: Wire, given: Given) => Wire>> = {
  "where it is made": (b, eps, given) => b.add("guidegraph/prediction-from-eps", { eps, ...given }).out("prediction"),
  "by the next node": (b, eps, given) => {
    const prediction = b.add("guidegraph/prediction-from-eps", { eps, ...given, clip_denoised: false });
    return b.add("guidegraph/clip-prediction", { prediction: prediction.out("prediction") }).out("prediction");
  },
};
const clipped = (b: At, clip: string, factor: number, given: Given): Wire => {
  const scaled = b.add("guidegraph/formula", { formula: `a * ${factor}`, a: given.x }).out("tensor");
  const eps = b.add("guidegraph/take-as", { tensor: scaled, meaning: "eps" }).out("tensor");
  return b.add("guidegraph/open-prediction", { prediction: clips[clip](b, eps, given) }).out("pred_xstart");
};

const places: Readonly<Record<string, (clip: string, factor: number) => GraphDocument>> = {
  "outside of loops": (clip, factor) => {
    const from = start();
    const step = from.b.add("guidegraph/schedule-step", { schedule: from.schedule, index: 3 }).out("step");
    return kept(from, clipped(from.b, clip, factor, { x: from.x, step }));
  },
  "in each step of a loop": (clip, factor) => {
    const from = start();
    const loop = loopOf(from, {}, (inner, { x, step }) =>
      inner.output("x", "tensor", clipped(inner, clip, factor, { x, step })),
    );
    return kept(from, loop.out("x"));
  },
  "in a Differentiate": (clip, factor) => {
    const from = start();
    const step = from.b.add("guidegraph/schedule-step", { schedule: from.schedule, index: 3 }).out("step");
    const inside = from.b.differentiate("Loss", { x: from.x, step }, (graph) => {
      const given = { x: graph.input("x", "tensor"), step: graph.input("step", "step") };
      const a = clipped(graph, clip, factor, given);
      graph.output(
        "loss",
        "tensor",
        graph.add("guidegraph/formula", { formula: "a * b", a, b: given.x }).out("tensor"),
      );
    });
    return kept(from, inside.out("loss"));
  },
};
const cases = Object.keys(places).flatMap((place) =>
  Object.keys(clips).flatMap((clip) => [0.5, 3e37].map((factor) => ({ place, clip, factor }))),
);

test.each(cases)("x₀ of ε times $factor, clipped $clip, $place", async ({ place, clip, factor }) => {
  const document = places[place](clip, factor);
  const exported = await exportOf(document);
  const { tensor } = await (await opened(exported.sampler)).run(feedsOf(exported));
  const isSound = [...(tensor.data as Float32Array)].every(Number.isFinite);
  expect(isSound).toBe(factor === 0.5);
  await (isSound ? expect(ran(document)).resolves.toBeDefined() : expect(ran(document)).rejects.toThrow(/infinite/));
});
