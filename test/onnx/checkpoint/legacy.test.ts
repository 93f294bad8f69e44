import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bytesSource, readCheckpoint } from "../../../onnx/index.ts";
import { ascii, global, int, text } from "../../support/write-checkpoint.ts";

const original = readFileSync(new URL("../../fixtures/checkpoint/legacy-protocol2.pt", import.meta.url));
/** The file with one stretch of bytes in the place of another of the same length. */
const changed = (from: string, to: string): Uint8Array => {
  const at = original.indexOf(from, 0, "latin1");
  expect(at).toBeGreaterThan(0);
  const bytes = Uint8Array.from(original);
  bytes.set(Buffer.from(to, "latin1"), at);
  return bytes;
};
const refusal = async (bytes: Uint8Array): Promise<string> =>
  readCheckpoint(bytesSource("old.pt", bytes)).then(
    () => "read",
    (error: Error) => error.message,
  );

test("readLegacy refuses another magic number, version or byte order", async () => {
  expect(await refusal(changed("l\xfc\x9cF\xf9 j\xa8P\x19", "l\xfc\x9cF\xf9 j\xa8P\x18"))).toContain(
    "not one that torch.save wrote",
  );
  expect(await refusal(changed("M\xe9\x03", "M\xea\x03"))).toContain("an unknown version of its format");
  const order = original.indexOf("little_endian", 0, "latin1") + "little_endian".length;
  const bigEndian = Uint8Array.from(original);
  const flag = bigEndian.indexOf(0x88, order); // NEWTRUE
  bigEndian[flag] = 0x89;
  expect(await refusal(bigEndian)).toContain("its numbers are big-endian");
});

test("readLegacy refuses storages that differ from what the pickle says", async () => {
  const counts = original.indexOf(Buffer.from(BigInt64Array.of(6n).buffer));
  const other = Uint8Array.from(original);
  other[counts] = 5;
  expect(await refusal(other)).toMatch(/storage "\d+" claims 5 values, its tensors 6/);
  expect(await refusal(Uint8Array.from([...original, 0, 0]))).toContain("it has 2 bytes after its last storage");
  expect(await refusal(Uint8Array.from(original.subarray(0, original.length - 1)))).toMatch(
    /ends at byte \d+, the file has \d+: it is truncated/,
  );
});

test("readLegacy refuses a list of storages that names another", async () => {
  const key = /\d{8,}/.exec(original.toString("latin1"))![0];
  const last = original.lastIndexOf(key, undefined, "latin1");
  const other = Uint8Array.from(original);
  other[last] ^= 1;
  expect(await refusal(other)).toMatch(/its list of storages names "\d+", which no tensor uses once/);
});

/** A file of one tensor "w" in a view of storage "7", which holds 1 … 6. */
function withView(start: number, count: number): Uint8Array {
  const view = [...ascii("("), ...text("8"), ...int(start), ...int(count), ...ascii("t")];
  const id = [
    ...ascii("("),
    ...text("storage"),
    ...global("torch", "FloatStorage"),
    ...text("7"),
    ...text("cpu"),
    ...int(6),
    ...view,
    ...ascii("tQ"),
  ];
  const hooks = [...global("collections", "OrderedDict"), ...ascii(")R")];
  const tensor = [
    ...global("torch._utils", "_rebuild_tensor_v2"),
    ...ascii("("),
    ...id,
    ...int(1),
    ...ascii("(K\x02t(K\x01t"),
    0x89,
    ...hooks,
    ...ascii("tR"),
  ];
  const pickles = [
    Buffer.from("\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.\x80\x02}", "latin1"),
    [...text("w"), ...tensor, ...ascii("s.")],
    [0x80, 2, ...ascii("]"), ...text("7"), ...ascii("a.")],
  ];
  const data = [new Uint8Array(BigInt64Array.of(6n).buffer), new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer)];
  return Uint8Array.from([...pickles, ...data].flatMap((part) => [...part]));
}

test("readLegacy reads a tensor in a view of a storage, as PyTorch before 0.4 wrote them", async () => {
  const state = await readCheckpoint(bytesSource("old.pt", withView(2, 3)));
  expect([...(await state.get("w")!.readFloat32())]).toEqual([4, 5]);
  expect(await refusal(withView(2, 2))).toContain('tensor "w" ends at value 3 of its storage, which has 2');
  expect(await refusal(withView(4, 3))).toContain('a view beyond the end of storage "7"');
});
