import { expect, test } from "vitest";
import { bytesSource, readCheckpoint } from "../../../onnx/index.ts";
import { randomTensors } from "../../support/write-checkpoint.ts";
import { safetensorsBytes, withHeader } from "../../support/write-pickle.ts";

const tensors = randomTensors(
  new Map([
    ["a.weight", [2, 3]],
    ["b", []],
    ["c", [0, 4]],
    ["d.bias", [5]],
  ]),
);
const bytes = safetensorsBytes(tensors);
const read = (content: Uint8Array) => readCheckpoint(bytesSource("unet.pt", content));

test("safetensors are read whatever they are called, and metadata passed over", async () => {
  const state = await read(bytes);
  expect([...state.keys()]).toEqual(["a.weight", "b", "c", "d.bias"]);
  for (const { name, type, dims, bytes } of tensors) {
    expect(state.get(name)).toMatchObject({ type, dims });
    expect(await state.get(name)!.read()).toEqual(bytes());
  }
});

const data = new Uint8Array(8);
const one = (entry: unknown) => JSON.stringify({ w: entry });
const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
const refused: Record<string, [Uint8Array, string | RegExp]> = {
  "a header that is no JSON": [withHeader('{"w": ', data), "its header is no JSON: the file is damaged"],
  "a header beyond the file": [withHeader(one(entry)).subarray(0, 20), "it is truncated"],
  "a header of 2⁶³ bytes": [Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 128, 0x7b]), /neither a zip archive/],
  "no tensors": [withHeader('{"__metadata__":{}}'), "it holds no tensors"],
  "a tensor that is no object": [withHeader(one(7), data), 'tensor "w" is not described by an object'],
  "a type that we have not": [
    withHeader(one({ ...entry, dtype: "F8_E4M3" }), data),
    'tensor "w" is "F8_E4M3"; F64, F32',
  ],
  "an inherited name as type": [
    withHeader(one({ ...entry, dtype: "constructor" }), data),
    'tensor "w" is "constructor"',
  ],
  "a shape of halves": [withHeader(one({ ...entry, shape: [0.5, 4] }), data), "has no shape of whole numbers"],
  "a negative size": [withHeader(one({ ...entry, shape: [-2] }), data), "has no shape of whole numbers"],
  "a size beyond 2⁵³": [withHeader(one({ ...entry, shape: [2 ** 40, 2 ** 40] }), data), /takes 4.8\d+e\+24 bytes/],
  "one offset": [withHeader(one({ ...entry, data_offsets: [0] }), data), "no data_offsets of two whole numbers"],
  "offsets of another size": [
    withHeader(one({ ...entry, data_offsets: [0, 7] }), data),
    "takes 8 bytes, its data_offsets give 7",
  ],
  "tensors that overlap": [
    withHeader(JSON.stringify({ v: entry, w: { ...entry, data_offsets: [4, 12] } }), data, data),
    "begins at byte 4 of its data, where another ends at 8: it overlaps",
  ],
  "a hole between tensors": [
    withHeader(one({ ...entry, data_offsets: [4, 12] }), data, data),
    "begins at byte 4 of its data, where another ends at 0: it leaves a hole",
  ],
  "a truncated file": [bytes.subarray(0, -1), /the file has \d+: it is truncated$/],
  "bytes after the last tensor": [Uint8Array.from([...bytes, 1, 2]), "it has 2 bytes after its last tensor"],
};
for (const [what, [content, message]] of Object.entries(refused))
  test(`readCheckpoint refuses safetensors with ${what}`, async () => {
    await expect(read(content)).rejects.toThrow(message);
    await expect(read(content)).rejects.toThrow(/^Cannot read checkpoint "unet.pt": [^\n]+$/);
  });

test("every truncation and mutation of a safetensors file is read or refused in one line", async () => {
  for (let length = 0; length < bytes.length; length++)
    await expect(read(bytes.subarray(0, length))).rejects.toMatchObject({ name: "CheckpointError" });
  for (let at = 0; at < bytes.length; at++)
    for (const flip of [1, 0x20, 0x80]) {
      const mutated = bytes.slice();
      mutated[at] ^= flip;
      const error: Error | undefined = await read(mutated).then(
        () => undefined,
        (error) => error,
      );
      if (error) expect(error.name, error.stack).toBe("CheckpointError");
    }
});
