import { expect, test } from "vitest";
import { bytesSource, readCheckpoint, type StateDict } from "../../../onnx/index.ts";
import { ascii, global, int, type Record, text, zipChunks } from "../../support/write-checkpoint.ts";

type Part = string | number | ArrayLike<number>;
const bytes = (...parts: Part[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : Array.from(typeof part === "string" ? ascii(part) : part),
    ),
  );

/** A storage of `count` values under `key`: what BINPERSID takes. */
const storage = (kind: Part, key: string, count: number, tag = "storage"): Uint8Array =>
  bytes("(", text(tag), kind, text(key), text("cpu"), int(count), "tQ");
const tuple = (...values: number[]): Uint8Array => bytes("(", values.flatMap(int), "t");
const float32 = global("torch", "FloatStorage");
const hooks = bytes(global("collections", "OrderedDict"), ")R");
const tensor = (of: Part, offset: number, dims: number[], strides: number[], more: Part = ""): Uint8Array =>
  bytes(
    global("torch._utils", more === "" ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3"),
    "(",
    of,
    int(offset),
    tuple(...dims),
    tuple(...strides),
    0x89,
    hooks,
    more,
    "tR",
  );
const dict = (...entries: [string, Part][]): Uint8Array =>
  bytes(0x80, 2, "}(", ...entries.flatMap(([key, value]) => [text(key), value]), "u.");

const records = (pickle: Uint8Array, ...more: [string, Uint8Array][]): Record[] =>
  [["data.pkl", pickle] as const, ...more].map(([name, data]) => ({ name: `a/${name}`, bytes: () => data }));
const open = (pickle: Uint8Array, ...more: [string, Uint8Array][]): Promise<StateDict> =>
  readCheckpoint(bytesSource("a.pt", bytes(...zipChunks(records(pickle, ...more)))));
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
const values = async (state: StateDict, name: string) => [...(await state.get(name)!.readFloat32())];

test("records beside the pickle and the storages are passed over", async () => {
  const pickle = dict(["w", tensor(storage(float32, "0", 2), 0, [2], [1])]);
  const state = await open(
    pickle,
    ["byteorder", ascii("little")],
    ["data/0", floats(1, 2)],
    ["data/evil.dat", ascii("cos\nsystem\n.")],
    [".data/serialization_id", ascii("0123")],
    ["version", ascii("3\n")],
  );
  expect(await values(state, "w")).toEqual([1, 2]);
});

test("tensors may share a storage, and each part is checked as a whole once", async () => {
  const shared = storage(float32, "0", 4);
  const pickle = dict(["a", tensor(shared, 0, [2], [1])], ["b", tensor(shared, 1, [3], [1])]);
  const state = await open(pickle, ["data/0", floats(1, 2, 3, 4)]);
  expect(await values(state, "a")).toEqual([1, 2]);
  expect(await values(state, "b")).toEqual([2, 3, 4]);
  const damaged = bytes(...zipChunks(records(pickle, ["data/0", floats(1, 2, 3, 4)])));
  damaged[damaged.findIndex((_, i) => i > 64 && damaged[i] === 0x80 && damaged[i + 1] === 0x40)] ^= 1; // the 4, which "a" has not
  await expect(readCheckpoint(bytesSource("a.pt", damaged)).then((state) => values(state, "a"))).rejects.toThrow(
    "checksum",
  );
});

test("types without a storage class come as bytes and a dtype", async () => {
  const untyped = storage(global("torch.storage", "UntypedStorage"), "0", 8);
  const v3 = tensor(untyped, 1, [3], [1], bytes(global("torch", "uint16"), "N"));
  const state = await open(dict(["w", v3]), ["data/0", bytes(9, 0, 1, 0, 2, 0, 255, 255)]);
  expect(await values(state, "w")).toEqual([1, 2, 65_535]);
});

test("parameters and tensors with attributes are tensors", async () => {
  const w = tensor(storage(float32, "0", 1), 0, [], []);
  const parameter = bytes(global("torch._utils", "_rebuild_parameter"), "(", w, 0x88, hooks, "tR");
  const made = bytes("(", storage(float32, "0", 1), int(0), ")", ")", 0x89, hooks, "t");
  const attributed = bytes(
    global("torch._tensor", "_rebuild_from_type_v2"),
    "(",
    global("torch._utils", "_rebuild_tensor_v2"),
    global("torch", "Tensor"),
    made,
    "}tR",
  );
  const state = await open(dict(["p.weight", parameter], ["q.weight", attributed]), ["data/0", floats(7)]);
  expect(await values(state, "p.weight")).toEqual([7]);
  expect(await values(state, "q.weight")).toEqual([7]);
});

const call = (module: string, name: string, ...args: Part[]) => bytes(global(module, name), "(", ...args, "tR");
const complex = storage(global("torch", "ComplexFloatStorage"), "1", 1);
/** Tensors whose values no weight has, and which lie beside weights. */
const foreign: { readonly [what: string]: [value: Part, type: string, storages: [string, Uint8Array][]] } = {
  "complex numbers": [tensor(complex, 0, [1], [1]), "ComplexFloat", [["data/1", floats(1, 2)]]],
  "a parameter of complex numbers": [
    call("torch._utils", "_rebuild_parameter", tensor(complex, 0, [1], [1]), 0x88, hooks),
    "ComplexFloat",
    [["data/1", floats(1, 2)]],
  ],
  "quantised numbers": [
    call("torch._utils", "_rebuild_qtensor", storage(global("torch", "QInt8Storage"), "1", 4), int(0)),
    "QInt8",
    [["data/1", floats(1)]],
  ],
  "a dtype that came later": [
    tensor(
      storage(global("torch.storage", "UntypedStorage"), "1", 4),
      0,
      [4],
      [1],
      bytes(global("torch", "float8_e4m3fn"), "N"),
    ),
    "torch.float8_e4m3fn",
    [["data/1", floats(1)]],
  ],
  "a storage class that came later": [
    tensor(storage(global("torch", "NibbleStorage"), "1", 4), 0, [4], [1]),
    "torch.NibbleStorage",
    [["data/1", floats(1)]],
  ],
  "a layout without strides": [
    call(
      "torch._utils",
      "_rebuild_sparse_tensor",
      call("torch.serialization", "_get_layout", text("torch.sparse_coo")),
    ),
    "sparse",
    [],
  ],
};
for (const [what, [value, type, storages]] of Object.entries(foreign))
  test(`a tensor of ${what} is passed over beside weights, and refused alone`, async () => {
    const weight = tensor(storage(float32, "0", 2), 0, [2], [1]);
    const state = await open(dict(["w", weight], ["f", value]), ["data/0", floats(1, 2)], ...storages);
    expect([...state.keys()]).toEqual(["w"]);
    await expect(open(dict(["f", value]), ...storages)).rejects.toThrow(
      `"a.pt": its tensors are of the type "${type}", which is not read: save them as float32, float16 or bfloat16`,
    );
  });

const one = ["data/0", floats(1, 2)] as [string, Uint8Array];
const two = storage(float32, "0", 2);
const refused: {
  readonly [what: string]: [pickle: Uint8Array, records: [string, Uint8Array][], message: string | RegExp];
} = {
  "big-endian numbers": [dict(["w", tensor(two, 0, [2], [1])]), [one, ["byteorder", ascii("big")]], '"big"-endian'],
  "a record that is missing": [dict(["w", tensor(two, 0, [2], [1])]), [], 'no record "a/data/0"'],
  "a record of another size": [
    dict(["w", tensor(storage(float32, "0", 3), 0, [2], [1])]),
    [one],
    '"a/data/0" has 8 bytes; its 3 values take 12',
  ],
  "a key that leaves the folder": [
    dict(["w", tensor(storage(float32, "../version", 2), 0, [2], [1])]),
    [one],
    'no record "a/data/../version"',
  ],
  "a reference that is not a storage": [
    dict(["w", storage(float32, "0", 2, "module")]),
    [one],
    'not a storage ("module")',
  ],
  "a storage described in two ways": [
    dict(["v", tensor(two, 0, [2], [1])], ["w", tensor(storage(float32, "0", 1), 0, [1], [1])]),
    [one],
    'the storage "0" in two ways',
  ],
  "a storage of a negative size": [
    dict([
      "w",
      tensor(bytes("(", text("storage"), float32, text("0"), text("cpu"), "J", 254, 255, 255, 255, "tQ"), 0, [1], [1]),
    ]),
    [one],
    "not a storage",
  ],
  "a negative stride": [
    dict([
      "w",
      bytes(global("torch._utils", "_rebuild_tensor"), "(", two, int(1), tuple(2), "(J", 255, 255, 255, 255, "ttR"),
    ]),
    [one],
    'size, stride or offset "-1"',
  ],
  "a tensor beyond its storage": [
    dict(["w", tensor(two, 1, [2], [1])]),
    [one],
    'tensor "w" ends at value 3 of its storage, which has 2',
  ],
  "a size that overflows": [dict(["w", tensor(two, 0, [2 ** 40, 2 ** 40], [0, 0])]), [one], /repeats the 2 values/],
  "a dtype in the place of a storage": [
    dict(["w", tensor(global("torch", "float32"), 0, [1], [1])]),
    [one],
    "has no storage",
  ],
  "one tensor alone": [bytes(tensor(two, 0, [2], [1]), "."), [one], "it holds one tensor, not a state dict"],
  "a dict without tensors": [dict(["epoch", int(3)]), [], 'it holds no state dict: its keys are "epoch"'],
  "an empty dict": [bytes("}."), [], "it holds no state dict, it is empty"],
  "a list": [bytes("]."), [], "it holds no state dict"],
};
for (const [what, [pickle, more, message]] of Object.entries(refused))
  test(`readCheckpoint refuses ${what}`, async () => {
    await expect(open(pickle, ...more)).rejects.toThrow(message);
    await expect(open(pickle, ...more)).rejects.toThrow(/^Cannot read checkpoint "a.pt": [^\n]+$/);
  });

test("readCheckpoint refuses archives that torch.save did not write", async () => {
  const archive = (...names: string[]) =>
    bytes(...zipChunks(names.map((name) => ({ name, bytes: () => ascii("N.") }))));
  const read = (zip: Uint8Array) => readCheckpoint(bytesSource("a.pt", zip));
  await expect(read(archive("word/document.xml"))).rejects.toThrow("a zip archive without data.pkl");
  await expect(read(archive("arr_0.npy", "arr_1.npy"))).rejects.toThrow("it holds arrays of NumPy's (.npz)");
  await expect(read(archive("a/data.pkl", "a/constants.pkl"))).rejects.toThrow(
    "it is a TorchScript program; save the module's state_dict() instead",
  );
  await expect(read(archive("a/data.pkl", "b/data.pkl"))).rejects.toThrow("2 files called data.pkl");
});

test("a name is the keys that lead to a tensor, through dicts, lists and objects", async () => {
  const w = tensor(two, 0, [2], [1]);
  const inside = (entry: Uint8Array) => entry.subarray(2, entry.length - 1); // without PROTO and STOP
  const named = (...keys: string[]) => inside(dict(...keys.map((key): [string, Part] => [key, w])));
  const names = async (...entries: [string, Part][]) => [...(await open(dict(...entries), one)).keys()];
  expect(await names(["module.a.weight", w], ["b", w])).toEqual(["module.a.weight", "b"]);
  expect(await names(["model", named("a.weight")], ["ema", named("a.weight")])).toEqual([
    "model.a.weight",
    "ema.a.weight",
  ]);
  expect(await names(["shadow", bytes("]", w, "a")], ["pair", bytes("(", int(1), w, "t")])).toEqual([
    "shadow.0",
    "pair.1",
  ]);
  const object = bytes(global("m", "Ema"), ")", 0x81, named("x"), "b");
  expect(await names(["ema", object])).toEqual(["ema.x"]);
  expect(await names(["easy", bytes(global("m", "EasyDict"), ")", 0x81, text("x"), w, "s")])).toEqual(["easy.x"]);
  expect(await names(["one", bytes(named("x"), "q", 77)], ["two", bytes("h", 77)])).toEqual(["one.x"]);
});

test("readCheckpoint refuses a module that was pickled whole, whatever lies beside it", async () => {
  const w = tensor(two, 0, [2], [1]);
  const state = bytes("}(", text("_parameters"), "}", text("weight"), w, "s", text("_modules"), "}u");
  const module = bytes(global("improved.unet", "UNetModel"), ")", 0x81, state, "b");
  const said =
    'it holds a whole pickled module ("improved.unet.UNetModel"), which only its own code can load: save its state_dict() instead';
  await expect(open(bytes(module, "."), one)).rejects.toThrow(said);
  await expect(open(dict(["model", module], ["momentum", w]), one)).rejects.toThrow(said);
  expect([...(await open(dict(["model", module], ["ema", bytes("}", text("a.weight"), w, "s")]), one)).keys()]).toEqual(
    ["ema.a.weight"],
  );
});
