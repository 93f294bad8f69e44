/** The command on pieces of the demo's reference batch. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { Moments } from "../../../diffusion/evaluation/index.ts";
import { graphBuilder, writeModel } from "../../../onnx/index.ts";
import { npyHeader } from "../../../runtime/codecs/npy.ts";
import { type NpzEntry, writeNpz } from "../../../runtime/index.ts";
import { samplesFile } from "../../../server/evaluation/samples-file.ts";
import { bundledModels } from "../../../server/files/package-root.ts";
import { guidegraph, temporaryFolder } from "../../support/cli.ts";
import { readNpz } from "../../support/npz.ts";

const folder = temporaryFolder();
const { arr_0, arr_1 } = readNpz(join(bundledModels, "shapes32_reference.npz"));
const width = 32 * 32 * 3;

/** An NPZ of pictures from..to of the reference batch. */
function part(name: string, from: number, to: number, labels = (arr_1.data as BigInt64Array).slice(from, to)): string {
  const pixels = (arr_0.data as Uint8Array).slice(from * width, to * width);
  return written(name, {
    arr_0: { type: "uint8", dims: [to - from, 32, 32, 3], chunks: [pixels] },
    arr_1: { type: "int64", dims: [labels.length], chunks: [new Uint8Array(labels.buffer)] },
  });
}
function written(name: string, arrays: Record<string, NpzEntry>): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat(writeNpz(arrays)));
  return path;
}
const evaluate = (...args: string[]) => guidegraph(["evaluate", ...args, "--backend", "cpu", "--threads", "1"]);

const [real, other] = [part("real.npz", 0, 200), part("other.npz", 200, 400)];
const wrong = part(
  "wrong.npz",
  200,
  400,
  BigInt64Array.from({ length: 200 }, (_, i) => BigInt(i % 10)),
);

test("files side by side: real pictures are near, and known; what is labelled wrongly is not", async () => {
  const { code, out, err } = await evaluate(real, other, wrong, "--reference", real, "--json", "--bootstrap", "20");
  expect({ code, err }).toEqual({ code: 0, err: [] });
  const [same, near, mislabelled] = out.map((line) => JSON.parse(line));
  const all = { value: 1, low: 1, high: 1 };
  expect(same).toMatchObject({ file: real, reference: real, pictures: 200, precision: all, recall: all });
  expect(same.frechet.value).toBeLessThan(1e-6);
  expect(near.frechet.value).toBeGreaterThan(0);
  for (const { value, low, high } of ["frechet", "inceptionScore", "precision", "recall"].map((name) => near[name])) {
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
    expect(high - low).toBeGreaterThan(0);
  }
  for (const share of [near.precision, near.recall]) expect(share.value).toBeGreaterThan(0.6);
  expect(near.accuracy.value).toBeGreaterThan(0.97);
  expect(near.inceptionScore.value).toBeGreaterThan(8);
  expect(mislabelled.accuracy.value).toBeLessThan(0.3);
  expect(mislabelled.frechet).toEqual(near.frechet);
  const table = await evaluate(other, "--reference", real, "--bootstrap", "0");
  expect(table.out[0]).toMatch(/pictures +Fréchet +score +precision +recall +accuracy$/);
  expect(table.out[1]).toMatch(/other\.npz +200 +\d/);
});

test("a network and a reference are found by path or by name in the models folders; too few real pictures are said", async () => {
  const few = part("twenty.npz", 400, 420);
  const args = ["--reference", "twenty.npz", "--features", "shapes32_reader.onnx", "--features_output", "features"];
  const { code, err } = await evaluate(other, ...args, "--models", folder);
  const said = /^\S*twenty\.npz has 20 pictures for \d+ features: a Fréchet distance of so few is much too large$/;
  expect({ code, err }).toEqual({ code: 0, err: [expect.stringMatching(said)] });
  const missing = await evaluate(other, "--reference", "nowhere.npz", "--models", folder);
  expect([missing.code, missing.err]).toEqual([2, [expect.stringMatching(/no file nowhere\.npz, nor .*--models/)]]);
  const whole = await evaluate(folder, "--reference", few);
  expect([whole.code, whole.err]).toEqual([2, [expect.stringMatching(/is a folder: name the files in it/)]]);
});

/** Features that a person can follow: means of quarters of a picture, and of sixteenths as a map. */
async function pooledNetwork(): Promise<string> {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, 32, 32]);
  const pooled = (side: number) => op.AveragePool(x, { kernel_shape: [side, side], strides: [side, side] });
  op.output("flat", op.Flatten(pooled(16), { axis: 1 }), "float32", ["N", 12]);
  op.output("map", pooled(8), "float32", ["N", 3, 4, 4]);
  const path = join(folder, "pooled.onnx");
  writeFileSync(path, await writeModel(op.model("pooled")));
  return path;
}
const pooled = await pooledNetwork();

test("a network that has a feature map tells the spatial distance too", async () => {
  const judges = ["--reference", real, "--features", pooled, "--features_output", "flat", "--spatial_output", "map"];
  const { code, out } = await evaluate(real, other, ...judges, "--bootstrap", "10", "--json");
  expect(code).toBe(0);
  const [same, near] = out.map((line) => JSON.parse(line).spatialFrechet);
  expect(same.value).toBeLessThan(1e-6);
  expect(near.value).toBeGreaterThan(1e-3);
  expect(near.low).toBeLessThan(near.high);
  const table = await evaluate(other, ...judges, "--bootstrap", "0");
  expect(table.out[0]).toMatch(/pictures +Fréchet +spatial +score/);
});

/** The mean and covariance of the quarters of pictures from..to. */
function quarters(from: number, to: number) {
  const moments = new Moments(12);
  for (let picture = from; picture < to; picture++) {
    const row = new Float64Array(12);
    for (let i = 0; i < width; i++) {
      const [y, x, c] = [Math.floor(i / 96), Math.floor(i / 3) % 32, i % 3];
      const value = (arr_0.data as Uint8Array)[picture * width + i] / 127.5 - 1;
      row[4 * c + 2 * Math.floor(y / 16) + Math.floor(x / 16)] += value / 256;
    }
    moments.add(row);
  }
  return moments.result();
}

describe("a reference that brings the statistics of its features", () => {
  const { mean, covariance } = quarters(200, 400);
  const doubles = (dims: readonly number[], values: Float64Array): NpzEntry => ({
    ...{ type: "float64", dims },
    chunks: [new Uint8Array(values.buffer)],
  });
  /** Of the judged pictures themselves, a tenth off in each feature: so far that the distance is 12 · 0.1². */
  const statistics = {
    mu: doubles(
      [12],
      mean.map((value) => value + 0.1),
    ),
    sigma: doubles([12, 12], Float64Array.from(covariance.flatMap((row) => [...row]))),
  };
  const pictures: NpzEntry = {
    ...{ type: "uint8", dims: [200, 32, 32, 3] },
    chunks: [(arr_0.data as Uint8Array).slice(0, 200 * width)],
  };
  const alone = written("statistics.npz", statistics);
  const both = written("both.npz", { arr_0: pictures, ...statistics });
  const judged = (...args: string[]) => evaluate(other, "--bootstrap", "0", "--json", ...args);
  const flat = ["--features", pooled, "--features_output", "flat"];

  test("is compared by them, and its pictures tell precision and recall", async () => {
    const { out, err } = await judged("--reference", both, ...flat);
    const { frechet, precision } = JSON.parse(out[0]);
    expect(frechet.value).toBeCloseTo(0.12, 5);
    expect(precision.value).toBeGreaterThan(0.6);
    expect(err).toEqual([expect.stringMatching(/^Distances are to mu and sigma of .*both\.npz; .* its 200 pictures$/)]);
  });

  test("has distances alone where it has no pictures", async () => {
    const { out, err } = await judged("--reference", alone, ...flat);
    const told = JSON.parse(out[0]);
    expect(told.frechet.value).toBeCloseTo(0.12, 5);
    expect([told.precision, told.recall, err]).toEqual([undefined, undefined, []]);
  });

  test("is compared by its pictures where another network told them, or not at all", async () => {
    const said = /mu and sigma of .*\.npz are of 12 features, and the network gives \d+: /;
    const { out, err } = await judged("--reference", both);
    const withPictures = await judged("--reference", written("pictures.npz", { arr_0: pictures }));
    expect(JSON.parse(out[0]).frechet).toEqual(JSON.parse(withPictures.out[0]).frechet);
    expect(err).toEqual([expect.stringMatching(said)]);
    const refused = await judged("--reference", alone);
    expect([refused.code, refused.out, refused.err]).toEqual([2, [], [expect.stringMatching(said)]]);
  });

  test("is refused before anything is judged where another feature map told its spatial statistics", async () => {
    const square = (size: number) => doubles([size, size], new Float64Array(size * size));
    const spatial = { mu_s: doubles([3], new Float64Array(3)), sigma_s: square(3) };
    const reference = written("spatial.npz", { ...statistics, ...spatial });
    const { code, out, err } = await judged("--reference", reference, ...flat, "--spatial_output", "map");
    const said = /mu_s and sigma_s of .*spatial\.npz are of 3 numbers, and the feature map has 48: .*--spatial_output/;
    expect([code, out, err]).toEqual([2, [], [expect.stringMatching(said)]]);
  });

  test.each([
    [
      "its shape",
      { ...statistics, sigma: doubles([144], new Float64Array(144)) },
      /its sigma 144 float64: a mean of N/,
    ],
    ["its numbers", { ...statistics, mu: doubles([12], new Float64Array(12).fill(Number.NaN)) }, /its mu holds NaN/],
    ["half of it", { mu: statistics.mu }, /it has no pictures/],
  ])("is refused for %s", async (what, arrays, said) => {
    const { code, err } = await judged("--reference", written(`${what}.npz`, arrays), ...flat);
    expect([code, err]).toEqual([1, [expect.stringMatching(said)]]);
  });
});

test("labels of other classes than the classifier's tell no accuracy", async () => {
  const odd = part(
    "odd.npz",
    0,
    20,
    BigInt64Array.from({ length: 20 }, (_, i) => BigInt(980 + i)),
  );
  const { out, err } = await evaluate(odd, "--reference", real, "--bootstrap", "0", "--json");
  expect(JSON.parse(out[0])).not.toHaveProperty("accuracy");
  expect(err).toContainEqual(
    expect.stringMatching(/odd\.npz has a label 980, and the classifier tells 10 classes: no acc/),
  );
});

test("pictures of another size than the reference's are said to be, labels may be of any whole numbers", async () => {
  const halved = written("halved.npz", {
    arr_0: {
      ...{ type: "uint8", dims: [70, 16, 16, 3] },
      chunks: [(arr_0.data as Uint8Array).slice(0, 70 * 768)],
    },
    arr_1: { type: "uint16", dims: [70], chunks: [new Uint8Array(140)] },
  });
  const { out, err } = await evaluate(halved, "--reference", real, "--bootstrap", "0", "--json");
  expect(JSON.parse(out[0])).toHaveProperty("accuracy");
  expect(err[0]).toMatch(/halved\.npz has pictures of 16×16, .*real\.npz of 32×32: they are compared as the network/);
});

test("a file is read in pieces, whether it is compressed or not, and in whatever batches", async () => {
  const { arrays, zipped } = compressed();
  for (const path of [other, zipped]) {
    const file = await samplesFile(path);
    expect(file.count).toBe(200);
    for (const size of [1, 7, 64, 500]) {
      const pieces: Uint8Array[] = [];
      for await (const { dims, data } of file.batches(size)) {
        expect(data.length).toBe(dims[0] * width);
        pieces.push(data);
      }
      expect(pieces).toHaveLength(Math.ceil(200 / size));
      expect(Buffer.concat(pieces).equals(arrays)).toBe(true);
    }
    expect(file.labels).toEqual([...(arr_1.data as BigInt64Array).slice(200, 400)].map(Number));
  }
});

function compressed(): { arrays: Uint8Array; zipped: string } {
  const arrays = (arr_0.data as Uint8Array).slice(200 * width, 400 * width);
  const labels = new Uint8Array((arr_1.data as BigInt64Array).slice(200, 400).buffer);
  const path = join(folder, "compressed.npz");
  const entry = (header: Uint8Array, data: Uint8Array) => Uint8Array.from(Buffer.concat([header, data]));
  writeFileSync(
    path,
    zipSync({
      "arr_0.npy": entry(npyHeader("uint8", [200, 32, 32, 3]), arrays),
      "arr_1.npy": entry(npyHeader("int64", [200]), labels),
    }),
  );
  return { arrays, zipped: path };
}

describe("what cannot be judged is refused in a line", () => {
  const floats = written("floats.npz", {
    arr_0: { type: "float32", dims: [2, 2, 2, 3], chunks: [new Uint8Array(96)] },
  });
  const grey = written("grey.npz", { arr_0: { type: "uint8", dims: [4, 32, 32, 1], chunks: [new Uint8Array(4_096)] } });
  const few = part("few.npz", 0, 1);
  const named = written("named.npz", { images: { type: "uint8", dims: [1], chunks: [new Uint8Array(1)] } });
  const shortLabels = part("labels.npz", 0, 4, new BigInt64Array(3));
  const cut = join(folder, "cut.npz");
  writeFileSync(cut, "PK nothing");
  test.each([
    [[], 2, /takes one NPZ file of samples or more/],
    [[join(folder, "none.npz")], 2, /none\.npz/],
    [[floats], 1, /floats\.npz: it has no pictures \(arr_0, N×H×W×C of type uint8\); it holds arr_0 2×2×2×3 float32$/],
    [[cut], 1, /Cannot read .*cut\.npz/],
    [[grey, "--reference", real], 1, /^\S+grey\.npz has pictures of 32×32 with 1 channels \(H×W×C\): .*cannot/],
    [[few, "--reference", real], 1, /^\S+few\.npz has 1 picture, and 4 are judged at least$/],
    [[other, "--reference", few], 1, /^\S+few\.npz has 1 picture, /],
    [[named], 1, /named\.npz: it has no pictures .* it holds images 1 uint8$/],
    [[shortLabels], 1, /labels\.npz: its arr_1 is 3 int64, and no list of 4 labels$/],
    [[real, "--features", join(folder, "none.onnx")], 2, /There is no file .*none\.onnx/],
    [[real, "--reference", real, "--features_output", "nothing"], 2, /nothing/],
    [[real, "--reference", real, "--spatial_output", "shape"], 1, /Cannot take spatial features of \d+×10: /],
  ] as const)("%j", async (args, status, said) => {
    const { code, err, out } = await evaluate(...args);
    expect({ code, out }).toEqual({ code: status, out: [] });
    expect(err).toEqual([expect.stringMatching(said)]);
  });

  test("and of several the others are judged all the same", async () => {
    const damaged = join(folder, "damaged.npz");
    const bytes = readFileSync(other);
    bytes[5_000] ^= 1;
    writeFileSync(damaged, bytes);
    const none = join(folder, "none.npz");
    const args = [few, other, cut, none, damaged, "--reference", real, "--bootstrap", "0", "--json"];
    const { code, err, out } = await evaluate(...args);
    expect({ code, err }).toEqual({
      code: 1,
      err: [
        expect.stringMatching(/few\.npz has 1 picture, and 4 are judged at least$/),
        expect.stringMatching(/^Cannot read .*cut\.npz: /),
        `There is no file ${none}`,
        expect.stringMatching(/^Cannot read .*damaged\.npz: .* the file is damaged$/),
        `Left out, for the reasons above: ${few}, ${cut}, ${none}, ${damaged} (4 of 5 files)`,
      ],
    });
    const told = out.map((line) => JSON.parse(line) as { readonly file: string; readonly error?: string });
    expect(told.map(({ file }) => file)).toEqual([few, cut, none, other, damaged]);
    expect(told.filter(({ error }) => error === undefined)).toEqual([
      expect.objectContaining({ file: other, pictures: 200 }),
    ]);
  });
});

test("says by which networks it judges, and that labels of other classes do not fit", async () => {
  const others = (arr_1.data as BigInt64Array).slice(0, 100).map((label) => (label + 1n) % 10n);
  const { out, err } = await evaluate(part("shifted.npz", 0, 100, others), "--reference", real, "--bootstrap", "0");
  expect(out.at(-1)).toBe(
    `Judged by shapes32_reader.onnx (features), classes by shapes32_reader.onnx (shape), against ${real}`,
  );
  const said = /no better than chance \(1 of 10 classes\): .* of shapes32_reader\.onnx \(shape\)$/;
  expect(err).toContainEqual(expect.stringMatching(said));
});
