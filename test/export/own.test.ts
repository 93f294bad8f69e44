/** An export that is taken for a network says what it is, whichever loader is given it. */
import { afterAll, expect, test } from "vitest";
import { writeModel } from "../../onnx/index.ts";
import { networks } from "../support/drawn.ts";
import { exportOf, kept, loopOf, predicted, start } from "../support/exported.ts";
import { memoryNetworks } from "../support/memory-networks.ts";

const content = new Map<string, Uint8Array>();
const loaders = memoryNetworks(content);
afterAll(async () => void (await Promise.all([networks.close(), loaders.close()])));

test("a sampler and its step are refused by every loader with what they are", async () => {
  const from = start("1,2");
  const loop = loopOf(from, {}, (inner, step) => {
    const prediction = predicted(inner, step).out("prediction");
    inner.output("x", "tensor", inner.add("guidegraph/ddim-step", { prediction }).out("x"));
  });
  const { sampler, steps } = await exportOf(kept(from, loop.out("x")));
  expect(steps.length).toBeGreaterThan(0);
  for (const [what, model] of [
    ["a whole sampler", sampler],
    ["a step of a sampler", steps[0].model],
  ] as const) {
    content.set(`${what}.onnx`, await writeModel(model));
    for (const role of ["unet", "classifier", undefined] as const)
      await expect(loaders.open(role, { file: `${what}.onnx`, sha256: "", flags: "" })).rejects.toThrow(
        new RegExp(`it is ${what} that GuideGraph exported, .* open the graph that it was exported from`),
      );
  }
});
