import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bytesSource, type CheckpointTensor, readCheckpoint } from "../../../onnx/index.ts";
import { fileSource } from "../../support/files.ts";
import { checkpointBytes, randomTensors } from "../../support/write-checkpoint.ts";

const folder = new URL("../../fixtures/checkpoint/", import.meta.url).pathname;
interface Expected {
  readonly type: string;
  readonly dims: readonly number[];
  readonly values: readonly (number | boolean)[];
}
const files = JSON.parse(readFileSync(`${folder}expected.json`, "utf8")) as Record<string, Record<string, Expected>>;

/** Where the tensors lie in the files that have others beside them. */
const places: Readonly<Record<string, string>> = { wrapped: "module.", training: "state_dict.", averaged: "ema." };

for (const [file, tensors] of Object.entries(files))
  test(`readCheckpoint reads ${file} as PyTorch does`, async () => {
    const place = places[file] ?? "";
    const all = await readCheckpoint(fileSource(`${folder}${file}.pt`));
    const state = new Map(
      [...all].filter(([name]) => name.startsWith(place)).map(([name, tensor]) => [name.slice(place.length), tensor]),
    );
    expect([...state.keys()]).toEqual(Object.keys(tensors));
    for (const [name, { type, dims, values }] of Object.entries(tensors)) {
      const tensor = state.get(name)!;
      expect(tensor.type).toBe(type);
      expect(tensor.dims).toEqual(dims);
      expect([...(await tensor.readFloat32())]).toEqual([...Float32Array.from(values, Number)]);
      expect(await exact(tensor)).toEqual(values.map(Number));
    }
  });

test("readCheckpoint reads no weights, and a tensor only its own bytes", async () => {
  const tensors = randomTensors(new Map([1, 2, 3, 4].map((i) => [`layer${i}.weight`, [512, 512]])));
  const source = counted(checkpointBytes(tensors));
  const state = await readCheckpoint(source);
  const before = source.bytesRead;
  expect(before).toBeLessThan(20_000);
  expect(await state.get("layer2.weight")!.read()).toEqual(tensors[1].bytes());
  expect(source.bytesRead - before).toBe(4 * 512 * 512);
});

test("readCheckpoint refuses a damaged weight when it is read", async () => {
  const bytes = checkpointBytes(randomTensors(new Map([["layer.weight", [64, 64]]])));
  bytes[bytes.length >> 1] ^= 1;
  const state = await readCheckpoint(bytesSource("unet.pt", bytes));
  await expect(state.get("layer.weight")!.readFloat32()).rejects.toThrow(
    'Cannot read checkpoint "unet.pt": the checksum of "archive/data/0" is wrong: the file is damaged',
  );
});

const unusable: Record<string, [Uint8Array | string, RegExp]> = {
  "an empty file": ["", /^Cannot read checkpoint "unet.pt": it is empty$/],
  "a web page": ["<!DOCTYPE html><html>", /it is a web page: was it saved instead of the file\?$/],
  "a card": ['{\n "image_size": 64 }', /it is JSON, not a checkpoint$/],
  "a Git LFS pointer": ["version https://git-lfs.github.com/spec/v1\noid sha256:0", /Git LFS pointer/],
  "another binary file": [Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0, 9, 7), /neither a zip archive nor a pickle/],
  "text that begins like a pickle": ["Iam no pickle\n", /neither a zip archive nor a pickle/],
  "an ordinary pickle": [Uint8Array.of(0x80, 2, 0x4b, 1, 0x2e), /a pickle, but not one that torch.save wrote/],
};
for (const [what, [content, message]] of Object.entries(unusable))
  test(`readCheckpoint refuses ${what} in one line`, async () => {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    const error: Error = await readCheckpoint(bytesSource("unet.pt", bytes)).catch((error) => error);
    expect(error.name).toBe("CheckpointError");
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain("\n");
  });

for (const file of ["zip-views", "legacy-views", "zip-protocol4", "legacy-protocol1", "training"])
  test(`readCheckpoint refuses every truncation of ${file} in one line`, async () => {
    const bytes = new Uint8Array(readFileSync(`${folder}${file}.pt`));
    for (let length = 0; length < bytes.length; length++) {
      const error: Error = await readAll(bytes.subarray(0, length)).catch((error) => error);
      expect(error.name, `${length} bytes: ${error.stack}`).toBe("CheckpointError");
      expect(error.message).toMatch(/^Cannot read checkpoint "cut.pt": [^\n]+$/);
    }
  });

test("readCheckpoint reads or refuses every mutation, and fails in no other way", async () => {
  const random = generator(7);
  let refused = 0;
  for (const file of ["zip-views", "legacy-views", "zip-protocol1", "legacy-protocol5"]) {
    const original = new Uint8Array(readFileSync(`${folder}${file}.pt`));
    for (let round = 0; round < 600; round++) {
      const bytes = original.slice();
      for (let flips = 1 + (random() % 3); flips > 0; flips--) bytes[random() % bytes.length] = random() & 255;
      const error: Error | undefined = await readAll(bytes).then(
        () => undefined,
        (error) => error,
      );
      if (error) expect(error.name, error.stack).toBe("CheckpointError");
      refused += error ? 1 : 0;
    }
  }
  expect(refused).toBeGreaterThan(500);
});

async function readAll(bytes: Uint8Array): Promise<void> {
  for (const tensor of (await readCheckpoint(bytesSource("cut.pt", bytes))).values()) await tensor.readFloat32();
}

function generator(seed: number): () => number {
  let word = seed;
  return () => {
    word = Math.imul(word ^ (word >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return (word ^ (word >>> 13)) >>> 0;
  };
}

/** The values as stored, without rounding to float32. */
async function exact(tensor: CheckpointTensor): Promise<number[]> {
  if (tensor.type === "float16" || tensor.type === "bfloat16") return [...(await tensor.readFloat32())];
  const { buffer } = Uint8Array.from(await tensor.read());
  const views = {
    float32: Float32Array,
    float64: Float64Array,
    int64: BigInt64Array,
    int32: Int32Array,
    int16: Int16Array,
    int8: Int8Array,
    uint8: Uint8Array,
    bool: Uint8Array,
  } as const;
  return Array.from<number | bigint, number>(
    new views[tensor.type as keyof typeof views](buffer) as ArrayLike<number>,
    Number,
  );
}

function counted(bytes: Uint8Array) {
  const inner = bytesSource("counted.pt", bytes);
  const source = {
    ...inner,
    bytesRead: 0,
    read(offset: number, length: number) {
      source.bytesRead += length;
      return inner.read(offset, length);
    },
  };
  return source;
}
