import { afterAll, expect, test } from "vitest";
import type { Tensor } from "../../../diffusion/index.ts";
import type { ModelFile } from "../../../nodes/index.ts";
import { graphBuilder, parseModelFlags, shapesOf, structureFromFlags, writeModel } from "../../../onnx/index.ts";
import { modelsOf } from "../../../runtime/index.ts";
import { judging } from "../../../server/evaluation/judging.ts";
import { memoryNetworks } from "../../support/memory-networks.ts";
import { randomTensors } from "../../support/write-checkpoint.ts";
import { savedBytes, stateDict } from "../../support/write-pickle.ts";

/** Means of the channels, and of t. */
async function timed(): Promise<Uint8Array> {
  const op = graphBuilder();
  const mean = op.ReduceMean(op.input("x", "float32", ["N", 3, 8, 8]), op.int64([2, 3]), { keepdims: 0 });
  const t = op.Unsqueeze(op.input("t", "float32", ["N"]), op.int64([1]));
  op.output("logits", op.Add(mean, t), "float32", ["N", 3]);
  return writeModel(op.model("timed"));
}

const sizes =
  "--image_size 8 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1,2 --classifier_attention_resolutions 4 --classifier_pool attention --num_classes 5";
const tensors = randomTensors(shapesOf(structureFromFlags("classifier", parseModelFlags(sizes))));
const content = new Map([
  ["timed.onnx", await timed()],
  ["noisy.pt", savedBytes(stateDict(tensors))],
]);
const networks = memoryNetworks(content);
const models = modelsOf(networks);
afterAll(() => networks.close());

const x: Tensor = { dims: [2, 3, 8, 8], data: Float32Array.from({ length: 384 }, (_, i) => Math.floor(i / 64)) };

test.each([true, false])("what takes a timestep is asked at t = 0, as a classifier: %s", async (isClassifier) => {
  const network = await judging(models, { path: "/any/timed.onnx", fit: "--resize none", isClassifier });
  expect(network.isAtZero).toBe(true);
  expect([...(await network.apply(x, "logits")).data]).toEqual([0, 1, 2, 3, 4, 5]);
});

test("what a classifier's checkpoint does not tell is asked for in its card, not in flags that evaluate has not", async () => {
  const asked = judging(models, { path: "noisy.pt", fit: "--resize 8", isClassifier: true });
  await expect(asked).rejects.toThrow(
    /--classifier_num_head_channels.*evaluate has no flags .* its card is noisy\.json/,
  );
});

test("a classifier's checkpoint says what it takes pictures for", async () => {
  const flags = `${sizes} --classifier_num_head_channels 32`;
  const carded = { ...models, classifier: (file: ModelFile) => models.classifier({ ...file, flags }) };
  const network = await judging(carded, { path: "noisy.pt", fit: "--resize 8", isClassifier: true });
  expect((await network.apply(x, "")).dims).toEqual([2, 5]);
});
