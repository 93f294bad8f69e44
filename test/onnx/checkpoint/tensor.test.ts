import fc from "fast-check";
import { expect, test } from "vitest";
import { type StorageRef, TensorRef } from "../../../onnx/checkpoint/pickle-values.ts";
import { checkpointTensor } from "../../../onnx/checkpoint/tensor.ts";

const numbers = Float32Array.from({ length: 24 }, (_, i) => i);
const bytes = new Uint8Array(numbers.buffer);
const storage: StorageRef = { key: "0", type: "float32", count: 24, start: 0 };
const reads: [number, number][] = [];
const read = async (offset: number, length: number) => {
  reads.push([offset, length]);
  expect(offset + length).toBeLessThanOrEqual(bytes.length);
  return bytes.subarray(offset, offset + length);
};
const view = (offset: number, dims: number[], strides: number[], of = storage) =>
  checkpointTensor("w", new TensorRef(of, of.type ?? "float32", offset, dims, strides), read);

test("a tensor reads only the bytes it spans", async () => {
  reads.length = 0;
  expect([...(await view(7, [2, 2], [6, 1]).readFloat32())]).toEqual([7, 8, 13, 14]);
  expect(reads).toEqual([[28, 32]]);
});

test("any view inside its storage reads as indexing does", async () => {
  const dim = fc.record({ size: fc.integer({ min: 0, max: 4 }), stride: fc.integer({ min: 0, max: 7 }) });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 12 }), fc.array(dim, { maxLength: 4 }), async (offset, axes) => {
      let expected = [offset];
      for (const { size, stride } of axes)
        expected = expected.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * stride));
      const make = () =>
        view(
          offset,
          axes.map(({ size }) => size),
          axes.map(({ stride }) => stride),
        );
      if (expected.some((at) => at >= 24)) expect(make).toThrow("of its storage, which has 24");
      else expect([...(await make().readFloat32())]).toEqual(expected);
    }),
  );
});

test("a view of a storage's view counts from where that begins", async () => {
  const part: StorageRef = { key: "0", type: "float32", count: 4, start: 10 };
  expect([...(await view(1, [3], [1], part).readFloat32())]).toEqual([11, 12, 13]);
  expect(() => view(2, [3], [1], part)).toThrow('tensor "w" ends at value 5 of its storage, which has 4');
});

test("a storage without a type is counted in bytes", async () => {
  const untyped: StorageRef = { key: "0", type: undefined, count: 96, start: 0 };
  expect([...(await view(20, [4], [1], untyped).readFloat32())]).toEqual([20, 21, 22, 23]);
  expect(() => view(21, [4], [1], untyped)).toThrow("ends at value 25 of its storage, which has 24");
});

test("a tensor cannot claim more than its storage, whatever overflows", () => {
  expect(() => view(0, [2 ** 40, 2 ** 40], [1, 1])).toThrow("ends at value");
  expect(() => view(2 ** 52, [1], [1])).toThrow("ends at value");
  expect(() => view(0, [2], [2 ** 53 - 1])).toThrow("ends at value");
  expect(() => view(0, [2, 2], [1])).toThrow("has 2 sizes and 1 strides");
});

test("an expanded tensor may repeat values, up to a limit", async () => {
  expect([...(await view(3, [2, 3], [0, 0]).readFloat32())]).toEqual([3, 3, 3, 3, 3, 3]);
  expect(() => view(0, [2 ** 30], [0])).toThrow(
    "repeats the 24 values of its storage to 1073741824; at most 16777216 are made",
  );
});
