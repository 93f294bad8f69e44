import { expect, test } from "vitest";
import { heldTo, imageStore, writeNpz } from "../../runtime/index.ts";
import { decodePicture } from "../../server/engine/decode-picture.ts";

/** Two pictures with the mean and covariance of others. */
function npz(mean: number): Uint8Array {
  const floats = (...values: number[]) => [new Uint8Array(Float64Array.from(values).buffer)];
  return Buffer.concat(
    writeNpz({
      arr_0: { type: "uint8", dims: [2, 1, 1, 3], chunks: [new Uint8Array(6)] },
      mu: { type: "float64", dims: [1], chunks: floats(mean) },
      sigma: { type: "float64", dims: [1, 1], chunks: floats(1) },
    }),
  );
}

test("what is read of a file is of the one that was planned, each time that it is read", async () => {
  let [bytes, reads] = [npz(1), 0];
  const read = async () => {
    reads++;
    return bytes;
  };
  const images = imageStore(
    {
      models: async () => [],
      similar: async () => [],
      instead: async () => undefined,
      howToBring: () => "bring it",
      // Written within the grain of its file system's clock: it looks the same.
      image: async () => ({ state: "1", read }),
      tensor: async () => undefined,
    },
    decodePicture,
  );
  const { content } = await images.facts("real.npz");
  const unused = { models: undefined as never, tensors: undefined as never };
  const told = { network: () => undefined, tensor: () => undefined, files: [], networks: [] };
  const held = (image: string | undefined) => heldTo({ ...told, image: () => image }, { images, ...unused }).images;
  expect((await held(content).features("real.npz"))?.mean).toEqual(Float64Array.of(1));
  // Those pictures are remembered: nothing but the statistics is read again.
  expect(reads).toBe(2);
  bytes = npz(2);
  await expect(held(content).features("real.npz")).rejects.toThrow(/"real.npz" was replaced by another file/);
  expect((await held(undefined).features("real.npz"))?.mean).toEqual(Float64Array.of(2));
});
