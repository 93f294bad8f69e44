import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { InferenceSession } from "onnxruntime-node";
import { expect, test } from "vitest";
import { readModel } from "../../onnx/index.ts";
import { type GraphProtoSchema, ModelProtoSchema, type NodeProtoSchema } from "../../onnx/proto/onnx_pb.ts";
import { came, unrunnable } from "../../onnx/unrunnable.ts";
import { guidegraph, temporaryFolder } from "../support/cli.ts";

type Node = MessageInitShape<typeof NodeProtoSchema>;

interface File {
  readonly nodes: readonly Node[];
  readonly ir?: number;
  readonly opsets?: readonly (readonly [string, number])[];
  readonly outputs?: readonly string[];
}

const value = (name: string) => ({
  name,
  type: {
    value: {
      case: "tensorType" as const,
      value: {
        elemType: 1,
        shape: { dim: [1, 3, 8, 8].map((n) => ({ value: { case: "dimValue" as const, value: BigInt(n) } })) },
      },
    },
  },
});

const bytesOf = ({ nodes, ir = 8, opsets = [["", 18]], outputs = ["y"] }: File): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: BigInt(ir),
      opsetImport: opsets.map(([domain, version]) => ({ domain, version: BigInt(version) })),
      graph: { name: "g", node: [...nodes], input: [value("x")], output: outputs.map(value) },
    }),
  );

/** What onnxruntime says of it; undefined: it loads it. */
async function refusal(file: File): Promise<string | undefined> {
  try {
    const session = await InferenceSession.create(bytesOf(file), { intraOpNumThreads: 1, logSeverityLevel: 4 });
    await session.release();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const node = (opType: string, more: Node = {}): Node => ({ opType, name: "a", input: ["x"], output: ["y"], ...more });
const branch = (of: Node): MessageInitShape<typeof GraphProtoSchema> => ({
  name: "b",
  node: [of],
  output: [value("z")],
});
const inIf = (of: Node): readonly Node[] => [
  node("Constant", {
    name: "c",
    input: [],
    output: ["c"],
    attribute: [{ name: "value", type: 4, t: { dataType: 9, int32Data: [1] } }],
  }),
  node("If", {
    ...{ name: "if", input: ["c"] },
    attribute: (["then_branch", "else_branch"] as const).map((name) => ({
      name,
      type: 5,
      g: branch({ ...of, output: ["z"] }),
    })),
  }),
];

const runnable: Record<string, File> = {
  "a standard operator": { nodes: [node("Relu")] },
  "one of the newest opset": { nodes: [node("Relu")], opsets: [["", 26]] },
  "onnxruntime's own, its domain not imported": { nodes: [node("FastGelu", { domain: "com.microsoft" })] },
  "a domain that nothing in it uses": {
    nodes: [node("Relu")],
    opsets: [
      ["", 18],
      ["my.own", 1],
    ],
  },
  "the newest IR": { nodes: [node("Relu")], ir: 13 },
  "a branch that takes from outside": { nodes: inIf(node("Relu", { name: "in" })) },
  "an input that is absent": { nodes: [node("Clip", { input: ["x", "", ""] })] },
};

const refused: Record<string, readonly [File, string]> = {
  "an operator that is none": [{ nodes: [node("Foo")] }, 'onnxruntime has no operator Foo (opset 18): node "a"'],
  "several of one kind": [
    { nodes: [node("Foo", { output: ["z"] }), node("Foo", { name: "b", input: ["z"] })] },
    'onnxruntime has no operator Foo (opset 18): node "a" and 1 more',
  ],
  "an operator of a domain that is somebody's own": [
    {
      nodes: [node("Foo", { domain: "my.own" })],
      opsets: [
        ["", 18],
        ["my.own", 1],
      ],
    },
    'onnxruntime has no operators of "my.own": Foo in node "a"',
  ],
  "an operator inside a branch": [
    { nodes: inIf(node("Foo", { name: "in" })) },
    'onnxruntime has no operator Foo (opset 18): node "in" and 1 more',
  ],
  "an operator that came later": [
    { nodes: [node("Gelu")], opsets: [["", 12]] },
    'Gelu came with opset 20, and the file is of opset 12: node "a"',
  ],
  "an operator that was withdrawn": [
    { nodes: [node("Upsample", { input: ["x", "x"] })], opsets: [["", 12]] },
    'Upsample was withdrawn with opset 10, and the file is of opset 12: node "a"',
  ],
  "a newer opset": [
    { nodes: [node("Relu")], opsets: [["", 27]] },
    "it is of opset 27, the newest that onnxruntime knows is 26: export it with that or an older one",
  ],
  "a newer opset of another domain": [
    {
      nodes: [node("Relu")],
      opsets: [
        ["", 18],
        ["com.microsoft", 2],
      ],
    },
    "it is of opset 2 of com.microsoft, the newest that onnxruntime knows is 1: export it with that or an older one",
  ],
  "a newer IR": [
    { nodes: [node("Relu")], ir: 14 },
    "it is of ONNX IR version 14, the newest that onnxruntime reads is 13: save it with an older onnx",
  ],
  "what nothing makes": [
    { nodes: [node("Add", { input: ["x", "nope"] })] },
    'nothing in it makes "nope", which node "a" takes',
  ],
  "names of any spelling": [
    { nodes: [node("Add", { name: "$& NODE $$", input: ["x", "NODE_out"] })] },
    'nothing in it makes "NODE_out", which node "$& NODE $$" takes',
  ],
  "an output that nothing makes": [{ nodes: [node("Relu", { output: ["z"] })] }, 'nothing in it makes its output "y"'],
};

test.each(Object.entries(runnable))("%s is loaded, and nothing is said of it", async (_, file) => {
  expect(unrunnable(readModel(bytesOf(file)))).toEqual([]);
  expect(await refusal(file)).toBeUndefined();
});

test.each(Object.entries(refused))("%s is not loaded, and why is said before", async (_, [file, said]) => {
  expect(unrunnable(readModel(bytesOf(file)))).toEqual([said]);
  expect(await refusal(file)).toBeDefined();
});

test("what is wrong in many ways is counted", () => {
  const names = ["A", "B", "C", "D", "E", "F"].map((letter) => `Foo${letter}`);
  const nodes = names.map((op, i) => node(op, { name: op, output: [i === 0 ? "y" : `y${i}`] }));
  const said = unrunnable(readModel(bytesOf({ nodes })));
  expect(said).toHaveLength(5);
  expect(said[4]).toBe("and 2 more of the kind");
});

test("operators came to onnxruntime with the opset that the list says", async () => {
  const isKnown = async (op: string, opset: number) =>
    !/No Op registered|not a registered/.test((await refusal({ nodes: [node(op)], opsets: [["", opset]] })) ?? "");
  for (const [opset, names] of came)
    for (const op of names.split(/\s+/)) {
      expect([op, opset, await isKnown(op, opset)]).toEqual([op, opset, true]);
      if (opset > 7) expect([op, opset - 1, await isKnown(op, opset - 1)]).toEqual([op, opset - 1, false]);
    }
});

test("models list and inspect say it of such a file, and nothing of another", async () => {
  const folder = join(temporaryFolder(), "models");
  mkdirSync(folder);
  const files = Object.entries({
    ...runnable,
    ...Object.fromEntries(Object.entries(refused).map(([name, [file]]) => [name, file])),
  });
  for (const [name, file] of files) writeFileSync(join(folder, `${name}.onnx`), bytesOf(file));
  const { out } = await guidegraph(["models", "list", "--models", folder]);
  for (const [name] of files) {
    const line = out.find((line) => line.startsWith(`${name}.onnx`));
    expect(line).toBeDefined();
    expect(line!.includes("cannot run: ")).toBe(name in refused);
    if (name in refused) expect(line).toContain(refused[name][1]);
  }
  const inspected = await guidegraph(["models", "inspect", join(folder, "an operator that is none.onnx")]);
  expect(inspected.code).toBe(0);
  expect(inspected.out.join("\n")).toMatch(/cannot run: +onnxruntime has no operator Foo/);
});
