/** Networks built for other sides than they were trained on. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import {
  buildAdm,
  bytesSource,
  parseModelFlags,
  type Role,
  readCheckpoint,
  recognise,
  shapesOf,
  structureFromFlags,
  writeModel,
} from "../../../onnx/index.ts";
import { relativeError } from "../../support/golden.ts";
import { checkpointBytes, randomTensors, randomValues, type StoredTensor } from "../../support/write-checkpoint.ts";

const cases: Readonly<Record<string, { readonly flags: string; readonly multiple: number | undefined }>> = {
  "residual up and down": {
    flags:
      "--image_size 16 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2,2 --attention_resolutions 8,4 --num_heads 4 --resblock_updown True",
    multiple: 4,
  },
  "conv up and down": {
    flags:
      "--image_size 16 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 8 --num_heads 4",
    multiple: 2,
  },
  "super-resolution by 1.5": {
    flags:
      "--large_size 24 --small_size 16 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 12 --num_heads 4",
    multiple: 6,
  },
  "a condition": {
    flags:
      "--image_size 16 --in_channels 1 --condition_channels 3 --num_channels 32 --num_res_blocks 1 --channel_mult 1,2 --attention_resolutions 8 --num_heads 4",
    multiple: 2,
  },
  "spatial pool": {
    flags:
      "--image_size 16 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1,2 --classifier_attention_resolutions 8 --classifier_num_heads 4 --classifier_pool spatial --num_classes 10",
    multiple: 2,
  },
  "attention pool": {
    flags:
      "--image_size 16 --classifier_width 32 --classifier_depth 1 --classifier_channel_mult 1,2 --classifier_attention_resolutions 8 --classifier_num_head_channels 16 --classifier_pool attention --num_classes 13",
    multiple: undefined,
  },
};

/** Rows as columns: of a picture, N×C×H×W, and of the kernels of a convolution. */
function transposed(values: Float32Array, dims: readonly number[]): Float32Array {
  const [height, width] = dims.slice(-2);
  const area = height * width;
  return values.map((_, i) => {
    const [plane, p] = [Math.floor(i / area), i % area];
    return values[plane * area + (p % height) * width + Math.floor(p / height)];
  });
}

const isKernel = ({ dims }: StoredTensor) => dims.length === 4 && dims[2] === 3;
const turned = (tensor: StoredTensor): StoredTensor =>
  isKernel(tensor)
    ? {
        ...tensor,
        bytes: () => new Uint8Array(transposed(new Float32Array(tensor.bytes().slice().buffer), tensor.dims).buffer),
      }
    : tensor;

async function built(text: string, change: (tensor: StoredTensor) => StoredTensor) {
  const flags = parseModelFlags(text);
  const role: Role = flags.classifier_width === undefined ? "unet" : "classifier";
  const tensors = randomTensors(shapesOf(structureFromFlags(role, flags))).map(change);
  const state = await readCheckpoint(bytesSource("random.pt", checkpointBytes(tensors)));
  const network = recognise(state, role, flags);
  const run = async (
    height: number,
    width: number,
    change = (values: Float32Array, _: readonly number[]) => values,
  ) => {
    const model = buildAdm(state, network, { height, width });
    const session = await InferenceSession.create(await writeModel(model), { intraOpNumThreads: 1 });
    const feeds = model.graph.inputs.map(({ name, dims }) => {
      const shape = dims!.map((dim) => (typeof dim === "number" ? dim : 2));
      if (name === "t") return [name, new Tensor("float32", Float32Array.of(3, 950), [2])];
      // The picture that lies as this one does, whichever way it is turned.
      const upright = [...shape.slice(0, 2), ...(change === transposed ? [shape[3], shape[2]] : shape.slice(2))];
      return [name, new Tensor("float32", change(randomValues(name, upright, 1, 2), upright), shape)];
    });
    const [out] = Object.values(await session.run(Object.fromEntries(feeds)));
    return { dims: out.dims, data: out.data as Float32Array };
  };
  return { facts: network.facts, run };
}

/** A network of turned kernels gives of a turned picture what the network gives, turned: so rows and columns are not mixed up. */
test.each(Object.entries(cases))(
  "%s says what sides it takes, and computes pictures that are not square",
  async (_, { flags, multiple }) => {
    const { facts, run } = await built(flags, (tensor) => tensor);
    expect(facts.multiple).toBe(multiple);
    if (multiple === undefined) return;
    const [height, width] = [multiple, 3 * multiple];
    const upright = await run(height, width);
    const lying = await (await built(flags, turned)).run(width, height, transposed);
    const isPicture = upright.dims.length === 4;
    if (isPicture) expect(upright.dims.slice(2)).toEqual([height, width]);
    expect(relativeError(lying.data, isPicture ? transposed(upright.data, upright.dims) : upright.data)).toBeLessThan(
      1e-5,
    );
  },
);

test("at the sides that it was trained on it is the same file", async () => {
  const flags = parseModelFlags(cases["super-resolution by 1.5"].flags);
  const tensors = randomTensors(shapesOf(structureFromFlags("unet", flags)));
  const state = await readCheckpoint(bytesSource("random.pt", checkpointBytes(tensors)));
  const network = recognise(state, "unet", flags);
  const [asItIs, typed] = [{}, { height: 24, width: 24 }].map((options) =>
    writeModel(buildAdm(state, network, options)),
  );
  expect(Buffer.compare(await typed, await asItIs)).toBe(0);
});
