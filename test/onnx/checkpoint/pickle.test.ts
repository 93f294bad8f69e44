import { expect, test } from "vitest";
import { findGlobal } from "../../../onnx/checkpoint/globals.ts";
import { readPickle } from "../../../onnx/checkpoint/pickle.ts";
import { Dict, Opaque, Tuple } from "../../../onnx/checkpoint/pickle-values.ts";
import { bytesSource, readCheckpoint } from "../../../onnx/index.ts";
import { zipChunks } from "../../support/write-checkpoint.ts";

/** Bytes from Latin-1 text, numbers and arrays. */
const bytes = (...parts: (string | number | Uint8Array)[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) =>
        typeof part === "string" ? Buffer.from(part, "latin1") : typeof part === "number" ? Uint8Array.of(part) : part,
      ),
    ),
  );
const read = (...parts: (string | number | Uint8Array)[]): unknown => readPickle(bytes(...parts), { findGlobal }).value;
const plain = (value: unknown): unknown =>
  value instanceof Opaque
    ? {
        opaque: value.name,
        ...(value.args.length > 0 && { args: value.args.map(plain) }),
        ...(value.items.length > 0 && { items: value.items.map(plain) }),
        ...(value.entries.size > 0 && {
          entries: [...value.entries].map(([key, value]) => [plain(key), plain(value)]),
        }),
        ...(value.state !== undefined && { state: plain(value.state) }),
      }
    : value instanceof Tuple
      ? { tuple: value.items.map(plain) }
      : value instanceof Dict
        ? { dict: [...value.entries].map(([key, value]) => [plain(key), plain(value)]) }
        : Array.isArray(value)
          ? value.map(plain)
          : value;

const values: Record<string, [(string | number)[], unknown]> = {
  "None, True and False": [["N\x88\x89\x87."], { tuple: [null, true, false] }],
  "numbers of protocol 0": [["(I7\nI-12\nI01\nI00\nL99L\nF-2.5\nt."], { tuple: [7, -12, true, false, 99, -2.5] }],
  "binary numbers": [
    ["(K\xffM\x01\x02J\xfe\xff\xff\xffG\x3f\xe0", 0, 0, 0, 0, 0, 0, "t."],
    { tuple: [255, 513, -2, 0.5] },
  ],
  "long numbers": [
    ["(\x8a\x02\xff\x7f\x8a\x01\xff\x8a\x00\x8b\x01\x00\x00\x00\x80t."],
    { tuple: [32767, -1, 0, -128] },
  ],
  "torch's magic number": [["\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."], 0x1950a86a20f9469cfc6cn],
  "text of protocol 0": [["(S'a\\'b\\x41\\n'\nV\\u00e9 x\nt."], { tuple: ["a'bA\n", "é x"] }],
  "binary text": [["(U\x01aX\x02\x00\x00\x00\xc3\xa9\x8c\x01bT\x01\x00\x00\x00ct."], { tuple: ["a", "é", "b", "c"] }],
  "long text": [["\x8d\x02", 0, 0, 0, 0, 0, 0, 0, "ab."], "ab"],
  lists: [["](K\x01K\x02eK\x03a."], [1, 2, 3]],
  "lists of protocol 0": [["(K\x01K\x02l."], [1, 2]],
  dicts: [
    ["}(K\x01K\x02K\x03K\x04uK\x05K\x06s."],
    {
      dict: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    },
  ],
  "dicts of protocol 0": [["(K\x01K\x02d."], { dict: [[1, 2]] }],
  "tuples of every length": [
    ["(K\x01\x85K\x01K\x02\x86K\x01K\x02K\x03\x87)t."],
    { tuple: [{ tuple: [1] }, { tuple: [1, 2] }, { tuple: [1, 2, 3] }, { tuple: [] }] },
  ],
  "shared values": [["]q\x00h\x00r\x05\x01\x00\x00j\x05\x01\x00\x00\x87."], { tuple: [[], [], []] }],
  "memoized values": [["\x80\x04\x95\x0a", 0, 0, 0, 0, 0, 0, 0, "K\x07\x94h\x00\x86."], { tuple: [7, 7] }],
  "an OrderedDict of Python 2": [["ccollections\nOrderedDict\n(((U\x01aK\x01lltR."], { dict: [["a", 1]] }],
  "an object made by INST": [["(icollections\nOrderedDict\n."], { dict: [] }],
  "an object made by OBJ": [["(ccollections\nOrderedDict\no."], { dict: [] }],
  "an OrderedDict with a state": [["ccollections\nOrderedDict\n)R}b."], { dict: [] }],
  "a torch.Size": [["ctorch\nSize\n((K\x02K\x03ttR."], { tuple: [2, 3] }],
};
for (const [what, [parts, value]] of Object.entries(values))
  test(`readPickle reads ${what}`, () => {
    expect(plain(read(...parts))).toEqual(value);
  });

/** What holds no tensor is a record with a name: nothing is looked up, so nothing can be run. */
const opaque: Record<string, [(string | number)[], unknown]> = {
  "a class": [["cargparse\nNamespace\n."], { opaque: "argparse.Namespace" }],
  "an object with a state": [
    ["cargparse\nNamespace\n)\x81}X\x02\x00\x00\x00lrK\x01sb."],
    { opaque: "argparse.Namespace", state: { dict: [["lr", 1]] } },
  ],
  "an object with keyword arguments": [["cm\nC\n)}K\x01K\x02s\x92."], { opaque: "m.C", state: { dict: [[1, 2]] } }],
  "an object that is a dict": [["cm\nEasyDict\n)\x81K\x01K\x02s."], { opaque: "m.EasyDict", entries: [[1, 2]] }],
  "an object that is a list": [["cm\nL\n)\x81K\x01aK\x02a."], { opaque: "m.L", items: [1, 2] }],
  "the result of a call": [
    ["cdatetime\ndatetime\n(C\x01xtR."],
    { opaque: "datetime.datetime", args: [Uint8Array.of(120)] },
  ],
  "a class in a class": [["\x8c\x01m\x8c\x03A.B\x93."], { opaque: "m.A.B" }],
  "a class as key": [["}cm\nCallback\nK\x01s."], { dict: [[{ opaque: "m.Callback" }, 1]] }],
  "a member of an enum, as Python 3.11 writes it": [
    ["cbuiltins\ngetattr\ncm\nE\nX\x01\x00\x00\x00a\x86R."],
    { opaque: "builtins.getattr", args: [{ opaque: "m.E" }, "a"] },
  ],
  "a set": [["\x8f(K\x01K\x02\x90."], { opaque: "builtins.set", items: [1, 2] }],
  "a range, as protocol 2 has it": [
    ["c__builtin__\nxrange\nK\x00K\x03K\x01\x87R."],
    { opaque: "__builtin__.xrange", args: [0, 3, 1] },
  ],
  "a comparison": [["cbuiltins\nmax\n."], { opaque: "builtins.max" }],
  "a frozen set": [["(K\x01\x91."], { opaque: "builtins.frozenset", args: [1] }],
  "an OrderedDict by NEWOBJ": [["ccollections\nOrderedDict\n)\x81."], { dict: [] }],
  "a name of the table in another module": [["cnotorch\nFloatStorage\n."], { opaque: "notorch.FloatStorage" }],
  "an inherited name": [["cconstructor\nconstructor\n."], { opaque: "constructor.constructor" }],
};
for (const [what, [parts, value]] of Object.entries(opaque))
  test(`readPickle makes a record of ${what}`, () => {
    expect(plain(read(...parts))).toEqual(value);
  });

const dangerous = [
  "os system",
  "nt system",
  "posix system",
  "sys exit",
  "subprocess Popen",
  "builtins eval",
  "__builtin__ exec",
  "builtins __import__",
  "builtins getattr.__globals__",
  "socket socket",
  "importlib import_module",
  "importlib._bootstrap _gcd_import",
  "runpy _run_code",
  "pickle loads",
  "marshal loads",
  "types CodeType",
  "operator attrgetter",
  "torch load",
  "torch.hub load",
  "torch.storage _load_from_bytes",
  "webbrowser open",
  "m C.__init__.__globals__",
];
test.each(dangerous)("readPickle calls %s unsafe", (name) => {
  const [module, member] = name.split(" ");
  expect(() => read(`c${module}\n${member}\n.`)).toThrow(
    `names "${module}.${member}", which runs code where Python loads it (MODEL_UNSAFE); nothing was run`,
  );
});

const system = "cos\nsystem\n";
/** T35: programs, which must not run, and what does not belong into a checkpoint. */
const hostile: Record<string, [(string | number)[], string | RegExp]> = {
  "os.system": [[`${system}(S'touch /tmp/owned'\ntR.`], 'names "os.system"'],
  "builtins.eval, protocol 2": [["\x80\x02cbuiltins\neval\nq\x00X\x03\x00\x00\x001+1\x85R."], 'names "builtins.eval"'],
  "posix.system, protocol 4": [["\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x02id\x85R."], 'names "posix.system"'],
  "a name put together from the memo": [
    ["\x80\x04\x8c\x06system\x94\x8c\x02os\x94h\x01h\x00\x93."],
    'names "os.system"',
  ],
  INST: [["(S'id'\nios\nsystem\n."], 'names "os.system"'],
  OBJ: [[`(${system}S'id'\no.`], 'names "os.system"'],
  "a nested pickle": [["ctorch.storage\n_load_from_bytes\n(C\x01.tR."], 'names "torch.storage._load_from_bytes"'],
  "a dotted way to another name": [
    ["ccollections\nOrderedDict.__init__.__globals__\n."],
    /names "collections.OrderedDict.__init__/,
  ],
  "a name with control characters": [["cos\x1b[2J\nsys\u0007tem\n."], 'names "os\\u001b[2J.sys\\u0007tem"'],
  "a global by something else than text": [["K\x01K\x02\x93."], "names a global by something else than text"],
  EXT1: [["\x82\x01."], "uses EXT1"],
  EXT2: [["\x83\x01\x00."], "uses EXT2"],
  EXT4: [["\x84\x01\x00\x00\x00."], "uses EXT4"],
  "NEWOBJ of os.system": [[`${system})\x81.`], 'names "os.system"'],
  "NEWOBJ of a number": [["K\x01)\x81."], "not a function"],
  "a persistent id of protocol 0": [["P0\n."], "uses PERSID"],
  "a persistent id where there is none": [["K\x01Q."], "refers to other data"],
  "an out-of-band buffer": [["\x97."], "uses NEXT_BUFFER"],
  "an unknown operation": [["\xff."], "uses the operation 0xff at byte 0"],
  "BUILD on something else": [["]}b."], "sets the state of something that has none"],
  "SETITEM on a list": [["]K\x01K\x02s."], "not a dict"],
  "APPEND on a tuple": [[")K\x01a."], "not a list"],
  "a call of a number": [["K\x01)R."], "not a function"],
  "a call of a storage class": [["ctorch\nFloatStorage\n)R."], "not a function"],
  "a call without a tuple": [["ccollections\nOrderedDict\n]R."], "without a tuple of arguments"],
  "a tensor without a storage": [
    ["ctorch._utils\n_rebuild_tensor_v2\n(NK\x00))t R."],
    /uses the operation 0x20|no storage/,
  ],
  "protocol 6": [["\x80\x06N."], "has protocol 6"],
  "more pops than values": [["00."], "takes more values than it made"],
  "no value at all": [["."], "takes more values than it made"],
  "more marks taken than made": [["t."], "takes more marks than it made"],
  "a memo that was never kept": [["h\x07."], "recalls 7"],
  "a dict with a key alone": [["}(K\x01u."], "a key without a value"],
  "a number that is none": [["Iseven\n."], 'has the number "seven"'],
  "text without quotes": [["Sabc\n."], "not quoted"],
  "an end in the middle": [["X\xff\x00\x00\x00abc"], "ends in the middle"],
  "a length of 2⁶⁴ − 1": [["\x8d\xff\xff\xff\xff\xff\xff\xff\xffa."], "ends in the middle"],
};
for (const [what, [parts, message]] of Object.entries(hostile))
  test(`readPickle refuses ${what}`, async () => {
    expect(() => read(...parts)).toThrow(message);
    const error: Error = await readCheckpoint(checkpoint(bytes(...parts))).catch((error) => error);
    expect(error.name).toBe("CheckpointError");
    expect(error.message).toMatch(/^Cannot read checkpoint "evil.pt": [^\n]+$/);
  });

test("readCheckpoint names a forbidden global of a bare pickle too, in every protocol", async () => {
  for (const pickle of ["cos\nsystem\n(S'id'\ntR.", "\x80\x02cos\nsystem\n.", "\x80\x04\x8c\x02os\x8c\x06system\x93."])
    await expect(readCheckpoint(bytesSource("evil.pt", bytes(pickle)))).rejects.toThrow('names "os.system"');
});

/** T36: a few bytes that ask for much. */
const bombs: Record<string, [() => Uint8Array, string]> = {
  "10⁷ operations": [() => bytes("N0".repeat(5_000_000), "."), "more than 2000000 operations"],
  "10⁶ objects of a class": [
    () => bytes("cm\nC\nq\x00", "h\x00)\x81".repeat(1_000_000), "."),
    "more than 250000 objects",
  ],
  "10⁶ classes": [() => bytes("cm\nC\n".repeat(1_000_000), "."), "more than 250000 objects"],
  "10⁷ values on the stack": [() => bytes("N".repeat(10_000_000), "."), "more than 2000000 operations"],
  "10⁶ lists": [() => bytes("]".repeat(1_000_000), "."), "more than 250000 objects"],
  "10⁶ tuples, one in the other": [() => bytes(")", "\x85".repeat(1_000_000), "."), "more than 250000 objects"],
  "10⁶ marks": [() => bytes("(".repeat(1_000_000), "."), "nests more than 1000 deep"],
  "10⁶ memo entries": [() => bytes("N", "\x94".repeat(1_000_000), "."), "keeps more than 500000 values"],
  "2³⁰ values by doubling": [() => bytes("]q\x00", "(h\x00h\x00lq\x00".repeat(30), "."), "holds no state dict"],
  "a number of 10⁹ bytes": [() => bytes("\x8b\x00\xca\x9a\x3b", new Uint8Array(1000), "."), "ends in the middle"],
  "a number of 10⁵ bytes": [
    () => bytes("\x8b\xa0\x86\x01\x00", new Uint8Array(100_000), "."),
    "a number of 100000 bytes",
  ],
  "a number of 10⁶ digits": [() => bytes("L", "9".repeat(1_000_000), "L\n."), "has the number"],
  "a pickle of 40 MB": [() => new Uint8Array(40_000_000).fill(0x4e), "at most 33554432 are read"],
};
for (const [what, [make, message]] of Object.entries(bombs))
  test(`readCheckpoint refuses ${what} quickly and in little memory`, async () => {
    const source = checkpoint(make());
    const before = process.memoryUsage().rss;
    const start = performance.now();
    await expect(readCheckpoint(source)).rejects.toThrow(message);
    // The target is 2 s and 100 MB; the guards are loose, because a machine may be busy and garbage is collected late.
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
  });

function checkpoint(pickle: Uint8Array) {
  const archive = [...zipChunks([{ name: "archive/data.pkl", bytes: () => pickle }])];
  return bytesSource("evil.pt", new Uint8Array(Buffer.concat(archive)));
}
