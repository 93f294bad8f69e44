import { lastValueFrom } from "rxjs";
import { expect, test } from "vitest";
import { plan, run } from "../../executor/index.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
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
