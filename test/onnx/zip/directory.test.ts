import { expect, test } from "vitest";
import { bytesSource } from "../../../onnx/index.ts";
import { readZip } from "../../../onnx/zip/directory.ts";
import { locate, readEntry } from "../../../onnx/zip/entry.ts";
import { zipChunks } from "../../support/write-checkpoint.ts";

const text = (string: string) => new TextEncoder().encode(string);
const archive = (...names: string[]): Uint8Array =>
  Uint8Array.from(
    Buffer.concat([...zipChunks(names.map((name) => ({ name, bytes: () => text(`contents of ${name}`) })))]),
  );

const open = async (bytes: Uint8Array) => {
  const source = bytesSource("a.zip", bytes);
  const entries = await readZip(source);
  const contents = new Map<string, string>();
  for (const entry of entries.values())
    contents.set(entry.name, new TextDecoder().decode(await readEntry(source, entry, 1000)));
  return contents;
};

test("readZip lists stored entries under any folder name", async () => {
  const contents = await open(archive("some folder/data.pkl", "some folder/data/0", "x"));
  expect([...contents]).toEqual([
    ["some folder/data.pkl", "contents of some folder/data.pkl"],
    ["some folder/data/0", "contents of some folder/data/0"],
    ["x", "contents of x"],
  ]);
});

test("readZip finds the directory before a comment", async () => {
  const bytes = archive("a/data.pkl");
  const commented = Uint8Array.from([...bytes, ...text("a comment with PK\x05\x06 inside it, long enough to mislead")]);
  new DataView(commented.buffer).setUint16(bytes.length - 2, commented.length - bytes.length, true);
  expect([...(await open(commented)).keys()]).toEqual(["a/data.pkl"]);
});

test("readZip reads zip64 fields", async () => {
  expect([...(await open(zip64())).values()]).toEqual(["contents of a/data.pkl"]);
});

test("readZip reads as many entries as a plain zip counts, quickly", async () => {
  const bytes = Uint8Array.from(
    Buffer.concat([
      ...zipChunks(Array.from({ length: 65_535 }, (_, i) => ({ name: `a/${i}`, bytes: () => new Uint8Array(0) }))),
    ]),
  );
  const start = performance.now();
  expect((await readZip(bytesSource("many.zip", bytes))).size).toBe(65_535);
  expect(performance.now() - start).toBeLessThan(10_000);
});

/** Where the parts of `archive("a/data.pkl", "b")` lie. */
const sample = archive("a/data.pkl", "b");
const view = new DataView(sample.buffer);
const end = sample.length - 22;
const directory = view.getUint32(end + 16, true);
const second = directory + 46 + "a/data.pkl".length;
const secondHeader = view.getUint32(second + 42, true);

/** Field, new value: what then is wrong. */
const lies: Record<string, [at: number, bytes: 2 | 4, value: number, message: RegExp]> = {
  "a compressed entry": [directory + 10, 2, 8, /is compressed \(method 8\)/],
  "an encrypted entry": [directory + 8, 2, 1, /is encrypted/],
  "a size above the stored one": [directory + 24, 4, 2 ** 31, /claims 2147483648 bytes and stores 22/],
  "sizes beyond the file": [directory + 20, 4, 5000, /claims 22 bytes and stores 5000/],
  "an entry count that is too high": [end + 10, 2, 3, /counts its entries in two ways/],
  "a directory that lies elsewhere": [end + 16, 4, directory - 4, /does not lie before its end record/],
  "a directory with another length": [end + 12, 4, 10, /does not lie before its end record/],
  "a damaged directory": [directory, 4, 0, /directory is damaged/],
  "a name length beyond the directory": [directory + 28, 2, 65_000, /directory is damaged/],
  "several disks": [end + 4, 2, 1, /in several files/],
  "overlapping entries": [second + 42, 4, 1, /overlap/],
  "an entry behind the directory": [second + 42, 4, directory + 1, /its archive at/],
  "data before the first entry": [directory + 42, 4, 8, /overlap|begins at byte 8/],
  "another name in the local header": [32, 2, 0x5858, /another name/],
  "another size in the local header": [18, 4, 21, /another size/],
  "another checksum in the local header": [14, 4, 21, /another checksum/],
  "an encrypted local header": [6, 2, 1, /is encrypted/],
  "no local header": [secondHeader, 4, 0, /does not begin where the directory says/],
  "a wrong checksum": [64, 2, 0x5858, /checksum of "a\/data.pkl" is wrong/],
};

for (const [what, [at, size, value, message]] of Object.entries(lies))
  test(`readZip refuses ${what}`, async () => {
    const bytes = sample.slice();
    const view = new DataView(bytes.buffer);
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    await expect(open(bytes)).rejects.toThrow(message);
  });

test("readZip refuses a total that both fields agree on and the directory does not have", async () => {
  const bytes = sample.slice();
  for (const at of [end + 8, end + 10]) new DataView(bytes.buffer).setUint16(at, 1, true);
  await expect(open(bytes)).rejects.toThrow("its zip directory holds 2 entries and claims 1");
});

test("readZip refuses a name that is listed twice", async () => {
  await expect(open(archive("a/data.pkl", "a/data.pkl"))).rejects.toThrow('lists "a/data.pkl" twice');
});

test("readZip refuses data before the archive", async () => {
  const bytes = Uint8Array.from([...text("#!/bin/sh "), ...archive("a/data.pkl")]);
  await expect(open(bytes)).rejects.toThrow("directory does not lie before its end record");
});

test("readZip refuses data after the archive", async () => {
  await expect(open(Uint8Array.from([...archive("a/data.pkl"), 0]))).rejects.toThrow("zip directory is missing");
});

test("readZip refuses zip64 fields that lie", async () => {
  const size = zip64();
  const view = new DataView(size.buffer);
  const extra = 30 + "a/data.pkl".length + 4; // the local zip64 field: uncompressed, then stored size
  view.setBigUint64(extra, 5n, true);
  await expect(open(size)).rejects.toThrow("another size");
  const huge = zip64();
  const last = huge.length - 22 - 20 - 56;
  new DataView(huge.buffer).setBigUint64(last + 40, 2n ** 60n, true);
  await expect(open(huge)).rejects.toThrow("zip64 field is damaged");
  const elsewhere = zip64();
  new DataView(elsewhere.buffer).setBigUint64(elsewhere.length - 22 - 12, 0n, true);
  await expect(open(elsewhere)).rejects.toThrow("zip64 end record is damaged");
});

test("locate refuses an entry that runs past the end of the file", async () => {
  const source = bytesSource("a.zip", sample);
  const entry = (await readZip(source)).get("b")!;
  await expect(locate(source, { ...entry, packed: 10_000, size: 10_000 })).rejects.toThrow(
    /"b" ends at byte \d+, its archive at \d+/,
  );
});

/** An archive of one entry with every size in zip64 fields, as zipfile writes with force_zip64. */
function zip64(): Uint8Array {
  const name = text("a/data.pkl");
  const data = text("contents of a/data.pkl");
  const plain = archive("a/data.pkl");
  const crc = new DataView(plain.buffer).getUint32(14, true);
  const u16 = (value: number) => [value & 255, value >>> 8];
  const u32 = (value: number) => [...u16(value & 0xffff), ...u16(value >>> 16)];
  const u64 = (value: number) => [...u32(value), ...u32(0)];
  const all = u32(0xffffffff);
  const common = [
    ...u16(45),
    ...u16(0),
    ...u16(0),
    ...u16(0),
    ...u16(0),
    ...u32(crc),
    ...all,
    ...all,
    ...u16(name.length),
  ];
  const sizes = [...u64(data.length), ...u64(data.length)];
  const local = [...u32(0x04034b50), ...common, ...u16(20), ...name, ...u16(1), ...u16(16), ...sizes, ...data];
  const tail = [
    ...u16(28),
    ...u16(0),
    ...u16(0),
    ...u16(0),
    ...u32(0),
    ...all,
    ...name,
    ...u16(1),
    ...u16(24),
    ...sizes,
    ...u64(0),
  ];
  const entry = [...u32(0x02014b50), ...u16(45), ...common, ...tail];
  const end64 = [...u32(0x06064b50), ...u64(44), ...u16(45), ...u16(45), ...u32(0), ...u32(0), ...u64(1), ...u64(1)];
  const locator = [...u32(0x07064b50), ...u32(0), ...u64(local.length + entry.length), ...u32(1)];
  const end = [...u32(0x06054b50), ...u32(0), ...u16(0xffff), ...u16(0xffff), ...all, ...all, ...u16(0)];
  return Uint8Array.from([
    ...local,
    ...entry,
    ...end64,
    ...u64(entry.length),
    ...u64(local.length),
    ...locator,
    ...end,
  ]);
}
