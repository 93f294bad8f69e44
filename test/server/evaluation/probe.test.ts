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
  const own = judges(8, { isLost: false, words: "" });
  const probe = probed("a.npz", pictures(4), own, { file: pictures(8), judges: own });
  await expect(probe).rejects.toThrow(UnusableFile);
  await expect(probe).rejects.toThrow(/^a\.npz has pictures of 4×4 with 3 channels .*invalid dimensions$/);
});

test.each(["CUDA failure 700: an illegal memory access", "nobody knows what"])(
  "a device that fails is no file's fault: %s",
  async (words) => {
    const lost = judges(8, { isLost: true, words });
    const error = await probed("a.npz", pictures(8), lost, { file: pictures(8), judges: lost }).catch((e) => e);
    expect(error).not.toBeInstanceOf(UnusableFile);
    expect(error.message).toBe(`The network cannot be computed: ${words}`);
  },
);

test("what was taken before is asked again only of the networks that took it", async () => {
  const reader = judges(8, { isLost: false, words: "" });
  const classifier = judges(4, { isLost: false, words: "" }).features;
  const probe = probed("a.npz", pictures(8), { ...reader, classifier }, { file: pictures(8), judges: reader });
  await expect(probe).rejects.toThrow(/^a\.npz has pictures of 8×8 with 3 channels .*invalid dimensions$/);
});

test("nor is it where nothing was taken before, as far as its words tell", async () => {
  const lost = judges(8, { isLost: true, words: "the device was lost" });
  await expect(probed("a.npz", pictures(8), lost)).rejects.not.toBeInstanceOf(UnusableFile);
});

test("while all of a file is judged, what its reader says is the file's, and what the device says is not", async () => {
  const all = { batch: 4, kept: { features: 8, spatial: 0 } };
  const damaged = new UnusableFile("Cannot read a.npz: the file is damaged");
  await expect(featuresOf(pictures(8, damaged), judges(8, { isLost: false, words: "" }), all)).rejects.toBe(damaged);
  const range = judges(8, { isLost: true, words: "RangeError" });
  await expect(featuresOf(pictures(8), range, all)).rejects.toBeInstanceOf(GraphError);
});
