import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  batchLayouts,
  fromLayout,
  type Layout,
  layouts,
  nchwDims,
  samplesOf,
  toLayout,
  toUnitRange,
  wantLayout,
} from "../../diffusion/index.ts";
import { concat } from "../../runtime/codecs/inflate.ts";
import { npyHeader } from "../../runtime/codecs/npy.ts";
import { entryOf, type Files, type NpyType, npzPieces, tensorStore, writeNpz } from "../../runtime/index.ts";

const stored = {
  bool: Uint8Array.of(0, 1),
  uint8: Uint8Array.of(0, 255),
  int8: Int8Array.of(-128, 127),
  uint16: Uint16Array.of(0, 65_535),
  int16: Int16Array.of(-32_768, 7),
  uint32: Uint32Array.of(0, 2 ** 24),
  int32: Int32Array.of(-5, 2 ** 24),
  uint64: BigUint64Array.of(0n, 9n),
  int64: BigInt64Array.of(-9n, 9n),
  float16: Uint16Array.of(0x3c00, 0xc000), // 1, −2
  float32: Float32Array.of(0.5, -0.25),
  float64: Float64Array.of(0.5, 1e30),
} as const satisfies Record<NpyType, unknown>;

const bytesIn = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const npy = (type: NpyType, dims: readonly number[], data: ArrayBufferView) =>
  concat([npyHeader(type, dims), bytesIn(data)]);
const floats = (...values: number[]) => Float32Array.from(values);
const npz = (names: readonly string[]) =>
  concat(
    writeNpz(
      Object.fromEntries(names.map((name) => [name, entryOf({ type: "float32", dims: [2], data: floats(1, 2) })])),
    ),
  );

const storeOf = (bytes: Uint8Array) =>
  tensorStore({ tensor: async () => ({ state: "1", read: async () => bytes }) } as Partial<Files> as Files);
const load = (bytes: Uint8Array, array = "") => storeOf(bytes).load("a.npy", array);

test.each(Object.entries(stored))("%s is read, alone and in an NPZ", async (type, data) => {
  const expected = type === "float16" ? [1, -2] : Array.from(data as ArrayLike<number | bigint>, (v) => Number(v));
  const alone = npy(type as NpyType, [2], data);
  expect(await load(alone)).toMatchObject({ dims: [2], type, data: Float32Array.from(expected) });
  const within = concat(writeNpz({ mask: { type: type as NpyType, dims: [2], chunks: [bytesIn(data)] } }));
  for (const name of ["", "mask"]) expect((await load(within, name)).data).toEqual(Float32Array.from(expected));
});

test("what a program of Fortran order wrote has its axes as they were", async () => {
  const header = new TextDecoder("latin1").decode(npyHeader("float32", [2, 3]));
  const file = concat([
    Uint8Array.from(header.replace("False", "True "), (char) => char.charCodeAt(0)),
    bytesIn(floats(1, 4, 2, 5, 3, 6)),
  ]);
  expect([...(await load(file)).data]).toEqual([1, 2, 3, 4, 5, 6]);
});

test("the graph that Save Tensor puts beside its array is not taken for one", async () => {
  const array = {
    type: "float32",
    dims: [1],
    read: async function* () {
      yield bytesIn(floats(7));
    },
  } as const;
  const pieces: Uint8Array[] = [];
  for await (const piece of npzPieces({ arr_0: array }, { guidegraph: "{}" })) pieces.push(piece);
  expect([...(await load(concat(pieces))).data]).toEqual([7]);
});

const cut = npy("float32", [4], floats(1, 2, 3, 4)).slice(0, -3);
const claims = (shape: string) => {
  const header = new TextDecoder("latin1").decode(npyHeader("float32", [1_000_000_000]));
  return Uint8Array.from(header.replace("1000000000,", shape.padEnd(11)), (char) => char.charCodeAt(0));
};
test.each([
  ["nothing", new Uint8Array(), "", /it is empty/],
  ["a picture", Uint8Array.of(0x89, 0x50, 0x4e, 0x47), "", /it is neither NPY nor NPZ/],
  ["half an array", cut, "", /shape 4 needs 16 bytes, there are 13/],
  ["a shape beyond its bytes", claims("99999999999"), "", /needs 399999999996 bytes, there are 0/],
  ["no values", npy("float32", [0, 3], floats()), "", /its shape 0×3 holds no values/],
  ["NaN and infinity", npy("float32", [3], floats(1, Number.NaN, 1 / 0)), "", /2 of its 3 values are NaN, infinite/],
  [
    "values beyond float32",
    npy("float64", [1], Float64Array.of(1e300)),
    "",
    /1 of its 1 values are NaN, infinite or bey/,
  ],
  ["a name in an NPY", npy("float32", [1], floats(1)), "x", /whose one array has no name: leave array empty/],
  ["no arrays", npz([]), "", /it holds no arrays of numbers/],
  ["several", npz(["x", "y"]), "", /has 2 arrays: choose one; there are "x" \(float32 2\), "y" \(float32 2\)/],
  ["another name", npz(["x"]), "y", /has no array "y"; there are "x" \(float32 2\)/],
  ["very many", npz(Array.from({ length: 40 }, (_, n) => `x${n}`)), "y", /"x11" \(float32 2\) and 28 more/],
])("an array file is refused in one line: %s", async (_, bytes, array, message) => {
  const error = await load(bytes, array).then(
    () => undefined,
    (error: Error) => error,
  );
  expect(error?.message).toMatch(message);
  expect(error).toMatchObject({ name: "GraphError", port: expect.stringMatching(/^(file|array)$/) });
  expect(error?.message).not.toContain("\n");
});

test("a damaged file is read or refused by name, never anything else", async () => {
  const good = npz(["x", "y"]);
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), async (at, byte, end) => {
      const bad = good.slice(0, end);
      if (at < end) bad[at] = byte;
      await load(bad, "x").catch((error) => expect(error).toMatchObject({ name: "GraphError" }));
    }),
    { numRuns: 300 },
  );
});

test("a small part of a large file does not hold the file", async () => {
  const big = { type: "float32", dims: [2 ** 18], chunks: [new Uint8Array(2 ** 20)] } as const;
  const file = concat(writeNpz({ big, small: { type: "float32", dims: [1], chunks: [bytesIn(floats(3))] } }));
  expect((await load(file, "small")).data.buffer.byteLength).toBe(4);
});

test.each([
  ["a name that turns what follows", ["\u202egpj"], /names an array "\\u202egpj": give it a plain name/],
  ["a name with what a terminal obeys", ["a", "b\u0000c"], /names an array "b\\u0000c"/],
  ["a name that no graph could give", ["x".repeat(1_001)], /names an array "x{200}…"/],
  [
    "more arrays than can be told of",
    Array.from({ length: 4_097 }, (_, i) => `a${i}`),
    /holds 4097 arrays; at most 4096/,
  ],
])("a file of %s is refused", async (_what, names, words) => {
  await expect(storeOf(npz(names)).look("a.npz", npz(names))).rejects.toThrow(words);
  await expect(load(npz(names), names[0])).rejects.toThrow(words);
});

test("a file that is nowhere is refused", async () => {
  const files = {
    tensor: async () => undefined,
    instead: async () => undefined,
    howToBring: () => "bring it",
    similar: async () => [],
  } as Partial<Files> as Files;
  await expect(tensorStore(files).load("a.npy", "")).rejects.toThrow(/"a.npy" is in no pictures folder/);
});

describe("layouts", () => {
  const dims = { N: 2, C: 3, H: 4, W: 5 };
  const at = (index: Readonly<Record<string, number>>) =>
    (((index.N ?? 0) * 10 + (index.C ?? 0)) * 10 + (index.H ?? 0)) * 10 + (index.W ?? 0);

  test.each(layouts)("%s becomes N×C×H×W", (layout: Layout) => {
    const axes = [...layout] as (keyof typeof dims)[];
    const shape = axes.map((axis) => dims[axis]);
    const count = shape.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from({ length: count }, (_, i) => {
      let rest = i;
      const index: Record<string, number> = {};
      for (const axis of [...axes].reverse()) {
        index[axis] = rest % dims[axis];
        rest = Math.floor(rest / dims[axis]);
      }
      return at(index);
    });
    const result = fromLayout({ dims: shape, data }, layout);
    const [n, c, h, w] = ["N", "C", "H", "W"].map((axis) => (layout.includes(axis) ? dims[axis as "N"] : 1));
    expect(result.dims).toEqual([n, c, h, w]);
    let i = 0;
    for (let N = 0; N < n; N++)
      for (let C = 0; C < c; C++)
        for (let H = 0; H < h; H++) for (let W = 0; W < w; W++) expect(result.data[i++]).toBe(at({ N, C, H, W }));
  });

  test.each(batchLayouts)("what becomes %s is loaded as it was", (layout) => {
    const of = [2, ...(["C", "H", "W"] as const).map((axis) => ((layout as string).includes(axis) ? dims[axis] : 1))];
    const count = of.reduce((product, dim) => product * dim, 1);
    const x = { dims: of, data: Float32Array.from({ length: count }, (_, i) => i) };
    const laidOut = toLayout(x, layout);
    expect(laidOut.dims).toEqual([...layout].map((axis) => dims[axis as "N"]));
    expect(fromLayout(laidOut, layout)).toEqual(x);
  });

  test("an axis that a layout lacks must be 1 long, where it is known", () => {
    expect(() => wantLayout([2, 3, undefined, 1], "NHW")).toThrow(
      "Cannot save 3 channels as NHW, which has no axis for them: choose NCHW or NHWC",
    );
    expect(() => wantLayout([2, undefined, 4, 4], "NHW")).not.toThrow();
    expect(() => wantLayout([undefined, 3, 2, 1], "NC")).toThrow("Cannot save 2 rows as NC");
  });

  test("an array of other axes is refused with the layouts that it could have", () => {
    expect(() => nchwDims([4, 5], "NCHW")).toThrow("Cannot take an array of 4×5 as NCHW: choose the layout HW or NC");
    expect(() => nchwDims([1, 2, 3, 4, 5], "NCHW")).toThrow(/it has 1 to 4 axes/);
  });

  test("a range of values becomes −1 … 1, and samples are taken by number", () => {
    const x = { dims: [3, 1, 1, 1], data: floats(0, 127.5, 510) };
    expect([...toUnitRange(x, 0, 255).data]).toEqual([-1, 0, 3]);
    expect(samplesOf(x, 1, 2)).toEqual({ dims: [2, 1, 1, 1], data: floats(127.5, 510) });
  });
});
