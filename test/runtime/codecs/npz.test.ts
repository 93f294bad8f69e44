import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesSource } from "../../../onnx/index.ts";
import { crc32 } from "../../../onnx/zip/index.ts";
import { concat } from "../../../runtime/codecs/inflate.ts";
import { npyHeader, readNpy } from "../../../runtime/codecs/npy.ts";
import { entryOf, npzShapes, streamOf, writeNpz } from "../../../runtime/codecs/npz.ts";
import { arraysIn } from "../../support/npz.ts";

const golden = new URL("../../fixtures/golden/", import.meta.url);

/** A ZIP archive of one entry, with every field under the test's control. */
function archive(name: string, packed: Uint8Array, { method = 8, size = 0, crc = 0, flags = 0 } = {}): Uint8Array {
  const fields = (at: number, bytes: Uint8Array) => {
    const view = new DataView(bytes.buffer);
    [20, flags, method, 0, 33].forEach((value, i) => {
      view.setUint16(at + 2 * i, value, true);
    });
    [crc, packed.length, size].forEach((value, i) => {
      view.setUint32(at + 10 + 4 * i, value, true);
    });
    view.setUint16(at + 22, name.length, true);
    return view;
  };
  const [local, central, end] = [new Uint8Array(30), new Uint8Array(46), new Uint8Array(22)];
  fields(4, local).setUint32(0, 0x04034b50, true);
  fields(6, central).setUint32(0, 0x02014b50, true);
  const text = new TextEncoder().encode(name);
  const view = new DataView(end.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, 1, true);
  view.setUint16(10, 1, true);
  view.setUint32(12, 46 + text.length, true);
  view.setUint32(16, 30 + text.length + packed.length, true);
  return concat([local, text, packed, central, text, end]);
}

describe("npz", () => {
  test("readNpz reads what numpy.savez wrote", async () => {
    const arrays = await arraysIn(readFileSync(new URL("guided_ddim_cosine/expected.npz", golden)));
    expect(arrays.get("arr_0")).toMatchObject({ type: "uint8", dims: [2, 16, 16, 3] });
    expect([...(arrays.get("arr_1")!.data as BigInt64Array)]).toEqual([3n, 7n]);
    expect(arrays.get("final")).toMatchObject({ type: "float32", dims: [2, 3, 16, 16] });
  });

  test("arrays of every type survive a round trip", async () => {
    const data = [
      { type: "uint8", dims: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 255) },
      { type: "int64", dims: [2], data: BigInt64Array.of(-1n, 2n ** 62n) },
      { type: "float32", dims: [1, 1, 2], data: Float32Array.of(Number.NaN, -0) },
      { type: "float64", dims: [], data: Float64Array.of(0.1) },
      { type: "int32", dims: [0], data: new Int32Array() },
      { type: "float16", dims: [1], data: Uint16Array.of(0x3c00) },
    ] as const;
    for (const array of data) {
      const read = (await arraysIn(concat(writeNpz({ a: entryOf(array) })))).get("a");
      expect(read).toEqual({ ...array, dims: [...array.dims] });
    }
  });

  test("writeNpz joins an array from its pieces", async () => {
    const file = writeNpz({ arr_0: { type: "uint8", dims: [4], chunks: [Uint8Array.of(1, 2), Uint8Array.of(3, 4)] } });
    expect([...((await arraysIn(concat(file))).get("arr_0")!.data as Uint8Array)]).toEqual([1, 2, 3, 4]);
  });

  test("the header is numpy's own, padded to 64 bytes", () => {
    const header = npyHeader("int64", [2]);
    expect(header.length).toBe(128);
    expect(new TextDecoder("latin1").decode(header)).toBe(
      `\u0093NUMPY\u0001\0v\0{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }${" ".repeat(60)}\n`,
    );
  });

  test("deflated entries are read, as numpy.savez_compressed writes them", async () => {
    const npy = concat([npyHeader("uint8", [1000]), new Uint8Array(1000)]);
    const file = archive("a.npy", deflateRawSync(npy), { size: npy.length, crc: crc32(npy) });
    expect((await arraysIn(file)).get("a")?.data.length).toBe(1000);
  });

  test("an entry that inflates beyond its stated size is refused", async () => {
    const bomb = deflateRawSync(new Uint8Array(50_000_000));
    const file = archive("a.npy", bomb, { size: 100 });
    await expect(arraysIn(file)).rejects.toThrow(/inflates to more than 100 bytes/);
  });

  test.each([
    ["no archive", Uint8Array.of(1, 2, 3), /no NPZ/],
    ["nothing", new Uint8Array(), /it is empty/],
    ["half an archive", archive("a.npy", new Uint8Array(4), { method: 0 }).slice(0, 40), /zip directory is missing/],
    ["an encrypted entry", archive("a.npy", new Uint8Array(4), { flags: 1 }), /encrypted/],
    ["an unknown compression", archive("a.npy", new Uint8Array(4), { method: 14 }), /method 14/],
    ["a wrong CRC", archive("a.npy", new Uint8Array(4), { method: 0, size: 4, crc: 1 }), /checksum/],
  ])("readNpz refuses %s", async (_, file, message) => {
    await expect(arraysIn(file)).rejects.toThrow(message);
  });

  test("readNpy refuses Python objects and missing values", () => {
    const file = (header: string, bytes = 0) => {
      const text = new TextEncoder().encode(header);
      return concat([Uint8Array.of(0x93, 78, 85, 77, 80, 89, 1, 0, text.length, 0), text, new Uint8Array(bytes)]);
    };
    expect(() => readNpy(file("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"))).toThrow(/type "\|O"/);
    expect(() => readNpy(file("{'descr': '<f4', 'fortran_order': False, 'shape': (9,), }", 16))).toThrow(/needs 36/);
    const big = readNpy(file("{'descr': '>i4', 'fortran_order': False, 'shape': (1,), }", 4));
    expect([...(big.data as Int32Array)]).toEqual([0]);
  });

  test("damaged files are refused or read, never anything else", async () => {
    const good = concat(writeNpz({ arr_0: { type: "uint8", dims: [8], chunks: [new Uint8Array(8)] } }));
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), async (at, byte) => {
        const bad = good.slice();
        bad[at] = byte;
        try {
          await arraysIn(bad);
        } catch (error) {
          expect(error instanceof SyntaxError || error instanceof RangeError).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test("a compressed array that would be large is refused before it is inflated", async () => {
  const zeros = deflateRawSync(new Uint8Array(2 ** 26));
  const claims = archive("arr_0.npy", zeros, { size: 2 ** 31 - 1, crc: 0 });
  const began = performance.now();
  await expect(arraysIn(claims)).rejects.toThrow(/has 2147483647 bytes; at most 268435456 are read/);
  expect(performance.now() - began).toBeLessThan(500);
});

describe("what stands before the values", () => {
  const values = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
  const dictionary = "{'descr': '|u1', 'fortran_order': False, 'shape': (3, 4), }";
  /** As numpy writes it, in one of its versions, with as much padding as makes `length` bytes of header. */
  const npy = (version: number, length: number, dims = dictionary): Uint8Array => {
    const start = version === 1 ? 10 : 12;
    const bytes = new Uint8Array(start + length + values.length).fill(0x20);
    bytes.set([0x93, 78, 85, 77, 80, 89, version, 0]);
    const view = new DataView(bytes.buffer);
    if (version === 1) view.setUint16(8, length, true);
    else view.setUint32(8, length, true);
    bytes.set(new TextEncoder().encode(dims), start);
    bytes[start + length - 1] = 0x0a;
    bytes.set(values, start + length);
    return bytes;
  };
  const npz = (bytes: Uint8Array, isPacked: boolean) =>
    bytesSource(
      "a.npz",
      archive("a.npy", isPacked ? deflateRawSync(bytes) : bytes, {
        ...{ method: isPacked ? 8 : 0, size: bytes.length, crc: crc32(bytes) },
      }),
    );
  const streamed = async (bytes: Uint8Array, isPacked: boolean) => {
    const stream = (await streamOf(npz(bytes, isPacked), "a"))!;
    const pieces: Uint8Array[] = [];
    for await (const piece of stream.read()) pieces.push(Uint8Array.from(piece));
    return { type: stream.type, dims: stream.dims, data: concat(pieces) };
  };

  test("is none of them, however long it is and whichever way it is read", async () => {
    const lengths = fc.oneof(fc.integer({ min: dictionary.length + 1, max: 10_000 }), fc.constantFrom(4_096, 10_000));
    await fc.assert(
      fc.asyncProperty(lengths, fc.constantFrom(1, 2, 3), fc.boolean(), async (length, version, isPacked) => {
        const bytes = npy(version, length);
        const expected = { type: "uint8", dims: [3, 4], data: values };
        expect(readNpy(bytes)).toEqual(expected);
        expect(await streamed(bytes, isPacked)).toEqual(expected);
        expect((await npzShapes(npz(bytes, isPacked))).get("a")).toEqual({ type: "uint8", dims: [3, 4] });
      }),
    );
  });

  test("is refused by all alike beyond numpy's limit", async () => {
    const wanted = /header has 10001 bytes; at most 10000 are read/;
    for (const version of [1, 2]) {
      expect(() => readNpy(npy(version, 10_001))).toThrow(wanted);
      await expect(streamed(npy(version, 10_001), false)).rejects.toThrow(wanted);
    }
  });

  test("is refused where it is cut off, though all that it says is there", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: 5_000 }), fc.constantFrom(1, 2), async (cut, version) => {
        const bytes = npy(version, 5_000).subarray(0, cut);
        expect(() => readNpy(bytes)).toThrow(/its header is cut off/);
        await expect(streamed(bytes, cut % 2 === 0)).rejects.toThrow(/its header is cut off/);
      }),
    );
  });

  test.each([0, 4, 11, 13, 24])("promises 12 values, and an array of %i is read by no stream", async (count) => {
    const bytes = concat([npy(1, 118).subarray(0, 128), new Uint8Array(count)]);
    await expect(streamed(bytes, false)).rejects.toThrow(`shape 3×4 needs 12 bytes, there are ${count}`);
  });
});
