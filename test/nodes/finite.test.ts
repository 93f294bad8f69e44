import { lastValueFrom } from "rxjs";
import { expect, test } from "vitest";
import { plan, run } from "../../executor/index.ts";
import { documentBuilder, type LevelBuilder, type Wire } from "../../graphs/document/index.ts";
import { checkFinite } from "../../nodes/finite.ts";
import { GraphError, nodes } from "../../nodes/index.ts";
import { fakeContext, fakeKnown } from "../support/fake-context.ts";

test("finite values pass, however large or small", () => {
  checkFinite(Float32Array.of(0, -0, 3.4e38, -3.4e38, 1e-45), "it");
  checkFinite(new Float32Array(), "it");
});

test.each([
  [Float32Array.of(1, Number.NaN, 2), "Output of it holds 1 NaN of 3 values"],
  [Float32Array.of(Number.POSITIVE_INFINITY), "Output of it holds 1 infinite of 1 values"],
  [Float32Array.of(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN), "1 NaN and 2 infinite of 3"],
])("%s is refused with its counts", (data, message) => {
  expect(() => checkFinite(data, "it")).toThrow(GraphError);
  expect(() => checkFinite(data, "it")).toThrow(message);
});

test("a tensor that a node makes of finite ones is refused at that node, before a clip hides it", async () => {
  const b = documentBuilder(nodes);
  const tensor = b.add("guidegraph/gaussian-noise", { batch: 1, height: 2, width: 2, channels: 3 }).out("x_T");
  const grown = b.add("guidegraph/scale", { tensor, scale: 3e38 });
  const image = b.add("guidegraph/decode-image", {
    x: b.add("guidegraph/scale", { tensor: grown.out("tensor"), scale: 3 }).out("tensor"),
  });
  b.add("guidegraph/preview", { images: image.out("image") });
  const world = fakeContext();
  const failed = lastValueFrom(run(plan(b.document(), nodes, fakeKnown()), { ...world, outputs: () => world.outputs }));
  await expect(failed).rejects.toMatchObject({
    message: expect.stringMatching(/"tensor" of Scale holds \d+ infinite of 12 values/),
  });
});

/** What becomes of ε as large as float32 can just hold, of which x₀ is a hundred times as much. */
test.each<
  [string, (b: LevelBuilder, at: { readonly eps: Wire; readonly x: Wire; readonly step: Wire }) => Wire, RegExp]
>([
  [
    "clipped where x₀ is made of it",
    (b, { eps, x, step }) => b.add("guidegraph/prediction-from-eps", { eps, x, step }).out("prediction"),
    /^The predicted x₀ holds \d+ infinite of 12 values before it is clipped/,
  ],
  [
    "clipped by the next node",
    (b, { eps, x, step }) => {
      const unclipped = b.add("guidegraph/prediction-from-eps", { eps, x, step, clip_denoised: false });
      return b.add("guidegraph/clip-prediction", { prediction: unclipped.out("prediction") }).out("prediction");
    },
    /x0 in "prediction" of Prediction from ε holds \d+ infinite of 12 values/,
  ],
  [
    "put into a prediction, and clipped then",
    (b, { eps, x, step }) => {
      const pred_xstart = b.add("guidegraph/take-as", { tensor: x, meaning: "x0" }).out("tensor");
      const prediction = b.add("guidegraph/prediction-from-x0", { pred_xstart, x, step }).out("prediction");
      const moved = b.add("guidegraph/change-prediction", { prediction, eps }).out("prediction");
      return b.add("guidegraph/clip-prediction", { prediction: moved }).out("prediction");
    },
    /x0 in "prediction" of Change Prediction holds \d+ infinite of 12 values/,
  ],
])("ε that grew, %s, stops the run", async (_, made, message) => {
  const b = documentBuilder(nodes);
  const schedule = b.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim10" }).out("schedule");
  const step = b.add("guidegraph/schedule-step", { schedule, index: 9 }).out("step");
  const x = b.add("guidegraph/gaussian-noise", { batch: 1, height: 2, width: 2, channels: 3 }).out("x_T");
  const tensor = b.add("guidegraph/scale", { tensor: x, scale: 1e38 }).out("tensor");
  const eps = b.add("guidegraph/take-as", { tensor, meaning: "eps" }).out("tensor");
  const prediction = made(b, { eps, x, step });
  b.add("guidegraph/save-tensor", { tensor: b.add("guidegraph/ddim-step", { prediction }).out("x") });
  const world = fakeContext();
  const failed = lastValueFrom(run(plan(b.document(), nodes, fakeKnown()), { ...world, outputs: () => world.outputs }));
  await expect(failed).rejects.toMatchObject({
    ...{ name: "GraphError", path: expect.any(String) },
    message: expect.stringMatching(message),
  });
});
