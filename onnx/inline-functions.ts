/**
 * Functions that a model brings in its own file, put in the place of the nodes that call them: PyTorch's newer exporters
 * write one for each module. What comes after knows nodes alone.
 */
import { clone, create, fromBinary } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  NodeProtoSchema,
} from "./proto/onnx_pb.ts";

/** Calls within calls; a function that calls itself would never end. */
const maxDepth = 64;
/** Functions that call others twice double with each level. */
const maxNodes = 1_000_000;

type Functions = ReadonlyMap<string, FunctionProto>;

const domainOf = (domain: string): string => (domain === "ai.onnx" ? "" : domain);
const keyOf = (domain: string, name: string): string => `${domainOf(domain)} ${name}`;

/** Inlines in place, the functions' opsets beside the model's. Throws a SyntaxError for functions that never end. */
export function inlineFunctions(model: ModelProto): void {
  const { graph, functions } = model;
  if (!graph || functions.length === 0) return;
  const byKey = new Map(functions.map((f) => [keyOf(f.domain, f.name), f]));
  if (byKey.size < functions.length)
    throw new SyntaxError(
      "Cannot read an ONNX model with several functions of one name: export it with functions inlined",
    );
  for (const { opsetImport } of functions)
    for (const opset of opsetImport)
      if (!model.opsetImport.some(({ domain }) => domainOf(domain) === domainOf(opset.domain)))
        model.opsetImport.push(opset);
  const budget = { left: maxNodes };
  inlineIn(graph, byKey, 0, budget);
  model.functions = [];
}

interface Budget {
  left: number;
}

function inlineIn(graph: GraphProto, functions: Functions, depth: number, budget: Budget): void {
  graph.node = graph.node.flatMap((node, index) => expanded(node, index, functions, depth, budget));
}

function expanded(
  node: NodeProto,
  index: number,
  functions: Functions,
  depth: number,
  budget: Budget,
): readonly NodeProto[] {
  if (budget.left-- <= 0 || depth > maxDepth)
    throw new SyntaxError(`Cannot read an ONNX model whose function ${node.opType} calls others without end`);
  for (const { g } of node.attribute) if (g) inlineIn(g, functions, depth, budget);
  const called = functions.get(keyOf(node.domain, node.opType));
  if (!called) return [node];
  return bodyOf(called, node, index).flatMap((inner, i) => expanded(inner, i, functions, depth + 1, budget));
}

/** The function's nodes with the call's inputs, outputs and attributes; what is inside has names of its own. */
function bodyOf(called: FunctionProto, call: NodeProto, index: number): readonly NodeProto[] {
  const scope = `${call.name || `${call.opType}.${index}`}/${call.output.find((name) => name !== "") ?? ""}`;
  const given = new Map([...defaultsOf(called), ...call.attribute].map((value) => [value.name, value]));
  const outer = new Map([
    ...called.output.flatMap((name, i): [string, string][] => (call.output[i] ? [[name, call.output[i]]] : [])),
    ...called.input.map((name, i): [string, string] => [name, call.input[i] ?? ""]),
  ]);
  const renamed = (name: string): string => (name === "" ? "" : (outer.get(name) ?? `${scope}/${name}`));
  // An output that is an input is passed on.
  const passed = called.output.flatMap((name, i): NodeProto[] =>
    called.input.includes(name) && call.output[i]
      ? [create(NodeProtoSchema, { opType: "Identity", input: [renamed(name)], output: [call.output[i]] })]
      : [],
  );
  return [...called.node.map((node, i) => placed(node, i, scope, renamed, given)), ...passed];
}

/** Defaults of attributes, a field (number 11) that is younger than our schema. */
const defaultsOf = ({ $unknown = [] }: FunctionProto): readonly AttributeProto[] =>
  $unknown.flatMap(({ no, data }) => {
    if (no !== 11) return [];
    const reader = new BinaryReader(data);
    return [fromBinary(AttributeProtoSchema, reader.bytes())];
  });

function placed(
  node: NodeProto,
  index: number,
  scope: string,
  renamed: (name: string) => string,
  given: ReadonlyMap<string, AttributeProto>,
): NodeProto {
  const copy = clone(NodeProtoSchema, node);
  copy.name = `${scope}/${node.name || `${node.opType}.${index}`}`;
  copy.input = node.input.map(renamed);
  copy.output = node.output.map(renamed);
  copy.attribute = copy.attribute.flatMap((attribute): AttributeProto[] => {
    if (attribute.refAttrName !== "") {
      // A parameter that the call leaves out and that has no default is not there.
      const value = given.get(attribute.refAttrName);
      return value
        ? [Object.assign(clone(AttributeProtoSchema, value), { name: attribute.name, refAttrName: "" })]
        : [];
    }
    if (attribute.g) renameIn(attribute.g, scope, renamed, given);
    return [attribute];
  });
  return copy;
}

/** An inner graph of a function's node: its own names are inside of the scope too, its inputs with them. */
function renameIn(
  graph: GraphProto,
  scope: string,
  renamed: (name: string) => string,
  given: ReadonlyMap<string, AttributeProto>,
): void {
  const own = new Set([
    ...graph.input.map(({ name }) => name),
    ...graph.initializer.map(({ name }) => name),
    ...graph.node.flatMap(({ output }) => output),
  ]);
  const inner = (name: string): string => (name !== "" && own.has(name) ? `${scope}/${name}` : renamed(name));
  for (const value of [...graph.input, ...graph.output, ...graph.initializer]) value.name = inner(value.name);
  graph.node = graph.node.map((node, i) => placed(node, i, scope, inner, given));
}
