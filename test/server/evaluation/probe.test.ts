import { expect, test } from "vitest";
import { GraphError, type NetworkHandle } from "../../../nodes/index.ts";
import { featuresOf } from "../../../server/evaluation/features.ts";
import { probed } from "../../../server/evaluation/probe.ts";
import { type SamplesFile, UnusableFile } from "../../../server/evaluation/samples-file.ts";

const pictures = (side: number, fails?: Error): SamplesFile => ({
  count: 8,
  shape: [side, side, 3],
  labels: undefined,
  async *batches(size) {
    if (fails) throw fails;
    for (let from = 0; from < 8; from += size)
      yield { dims: [size, side, side, 3], data: new Uint8Array(size * side * side * 3) };
  },
});

/** Takes pictures of one size, as long as its card is there. */
function judges(side: number, card: { isLost: boolean; words: string }) {
  const apply = async ({ dims }: { dims: readonly number[] }) => {
    if (card.isLost) throw new GraphError(`The network cannot be computed: ${card.words}`);
    if (dims[2] !== side) throw new GraphError("The network cannot be computed: Got invalid dimensions");
    return { dims: [dims[0], 2], data: new Float32Array(2 * dims[0]) };
  };
  return { features: { network: { apply } as unknown as NetworkHandle, output: "" }, classifier: undefined };
}

test("pictures that the network does not take are their file's fault", async () => {
  const probe = probed("a.npz", pictures(4), judges(8, { isLost: false, words: "" }), pictures(8));
  await expect(probe).rejects.toThrow(UnusableFile);
  await expect(probe).rejects.toThrow(/^a\.npz has pictures of 4×4 with 3 channels .*invalid dimensions$/);
});

test.each(["CUDA failure 700: an illegal memory access", "nobody knows what"])(
  "a device that fails is no file's fault: %s",
  async (words) => {
    const error = await probed("a.npz", pictures(8), judges(8, { isLost: true, words }), pictures(8)).catch((e) => e);
    expect(error).not.toBeInstanceOf(UnusableFile);
    expect(error.message).toBe(`The network cannot be computed: ${words}`);
  },
);

test("nor is it where nothing was taken before, as far as its words tell", async () => {
  const lost = judges(8, { isLost: true, words: "the device was lost" });
  await expect(probed("a.npz", pictures(8), lost)).rejects.not.toBeInstanceOf(UnusableFile);
});

test("while all of a file is judged, what its reader says is the file's, and what the device says is not", async () => {
  const all = { batch: 4, kept: 8 };
  const damaged = new UnusableFile("Cannot read a.npz: the file is damaged");
  await expect(featuresOf(pictures(8, damaged), judges(8, { isLost: false, words: "" }), all)).rejects.toBe(damaged);
  const range = judges(8, { isLost: true, words: "RangeError" });
  await expect(featuresOf(pictures(8), range, all)).rejects.toBeInstanceOf(GraphError);
});
