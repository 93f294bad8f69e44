import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import {
  buildAdm,
  bytesSource,
  parseModelFlags,
  readCheckpoint,
  recognise,
  shapesOf,
  structureFromFlags,
  writeModel,
} from "../../../onnx/index.ts";
import { checkpointBytes, randomTensors, randomValues } from "../../support/write-checkpoint.ts";

const small = "--image_size 16 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 8";
const dims = (channels: number) => [2, channels, 16, 16];
const picture = (name: string, channels: number) => randomValues(name, dims(channels), 1);
const fed = (values: Float32Array, channels: number) => new Tensor("float32", values, dims(channels));

/** Pictures of both, one behind the other. */
function joined(a: Float32Array, b: Float32Array): Float32Array {
  const [m, n] = [a.length / 2, b.length / 2];
  const both = new Float32Array(a.length + b.length);
  for (const i of [0, 1]) {
    both.set(a.subarray(i * m, (i + 1) * m), i * (m + n));
    both.set(b.subarray(i * n, (i + 1) * n), i * (m + n) + m);
  }
  return both;
}

test("a condition is channels of the first convolution, behind x or before it", async () => {
  const shapes = shapesOf(structureFromFlags("unet", parseModelFlags(`${small} --in_channels 4 --out_channels 2`)));
  const state = await readCheckpoint(bytesSource("net.pt", checkpointBytes(randomTensors(shapes))));
  const heads = "--image_size 16 --num_heads 4 --learn_sigma True --in_channels 1";
  const [x, condition] = [picture("x", 1), picture("condition", 3)];
  const t = new Tensor("float32", Float32Array.of(3, 500), [2]);
  const asked = async (flags: string, feeds: Record<string, Tensor>) => {
    const network = recognise(state, "unet", parseModelFlags(flags));
    const session = await InferenceSession.create(await writeModel(buildAdm(state, network)), { intraOpNumThreads: 1 });
    expect(session.inputNames).toEqual(["x", "t", "condition"]);
    const { out } = await session.run({ ...feeds, t });
    expect(out.dims).toEqual(dims(2));
    return out.data as Float32Array;
  };
  const apart = { x: fed(x, 1), condition: fed(condition, 3) };
  const behind = await asked(heads, apart);
  const before = await asked(`${heads} --condition_first True`, apart);
  expect(before).not.toEqual(behind);
  // The same channels, divided at another place: two and two.
  const all = joined(x, condition);
  const reading = "--image_size 16 --num_heads 4 --learn_sigma False";
  const [first, second] = [0, 1].map((i) => all.subarray(i * 1024, (i + 1) * 1024));
  const two = (from: number) => {
    const values = new Float32Array(1024);
    values.set(first.subarray(from, from + 512));
    values.set(second.subarray(from, from + 512), 512);
    return fed(values, 2);
  };
  expect(await asked(reading, { x: two(0), condition: two(512) })).toEqual(behind);
});
