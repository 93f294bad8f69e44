/**
 * What only one side of a choice needs is computed where that side is chosen: choices by one number for all samples, as Switch
 * draws them, become an If with what leads to each side alone inside its branch.
 */
import { Inference, type OnnxGraph, type OnnxNode, type Operator, usesOf, type ValueInfo } from "../onnx/index.ts";

/** Without one of these a branch spares nothing that an If would not cost. */
const worthAnIf: ReadonlySet<string> = new Set<Operator>(["Conv", "ConvTranspose", "Einsum", "Gemm", "Loop", "MatMul"]);

/** Inputs of a Where, and the branches of an If that they become. */
const sides = [
  { at: 1, branch: "then_branch" },
  { at: 2, branch: "else_branch" },
] as const;

export function withBranches(graph: OnnxGraph): OnnxGraph {
  const inference = new Inference(graph);
  const facts = (value: string) => inference.facts(value);
  const dims = (value: string) => facts(value)?.dims?.join();
  const isChoice = ({ op, inputs: [condition, a, b], outputs: [y] }: OnnxNode): boolean =>
    op === "Where" && dims(condition) === "" && dims(a) !== undefined && dims(a) === dims(b) && dims(a) === dims(y);
  const conditions = new Set(graph.nodes.filter(isChoice).map(({ inputs }) => inputs[0]));
  let result = graph;
  for (const condition of conditions) {
    const choices = result.nodes.filter((node) => isChoice(node) && node.inputs[0] === condition);
    const info = (name: string, like: string): ValueInfo => {
      const { type = "float32", dims } = facts(like) ?? {};
      return { name, type, ...(dims && { dims }) };
    };
    result = chosen(result, condition, apart(result, choices), info);
  }
  return result;
}

/** The choices that do not depend on one another. */
function apart({ nodes }: OnnxGraph, choices: readonly OnnxNode[]): readonly OnnxNode[] {
  const behind = new Set<string>();
  return nodes.filter((node) => {
    const isBehind = usesOf(node).some((name) => behind.has(name));
    const isFree = choices.includes(node) && !isBehind;
    if (isBehind || isFree) for (const name of node.outputs) behind.add(name);
    return isFree;
  });
}

function chosen(
  graph: OnnxGraph,
  condition: string,
  choices: readonly OnnxNode[],
  info: (name: string, like: string) => ValueInfo,
): OnnxGraph {
  const inside = sides.map(({ at }) => onlyFor(graph, choices, at));
  if (!inside.some((nodes) => [...nodes].some(({ op }) => worthAnIf.has(op)))) return graph;
  const branches = sides.map(({ at, branch }, i) => {
    const outputs = choices.map(({ outputs: [y] }) => info(`${y}/${branch}`, y));
    const ends = choices.map(
      ({ inputs }, k): OnnxNode => ({
        ...{ op: "Identity", domain: "", name: outputs[k].name, attributes: {}, floats: new Set() },
        ...{ inputs: [inputs[at]], outputs: [outputs[k].name] },
      }),
    );
    const nodes = [...graph.nodes.filter((node) => inside[i].has(node)), ...ends];
    return [branch, { name: branch, nodes, inputs: [], outputs, initializers: new Map() } satisfies OnnxGraph];
  });
  const choice: OnnxNode = {
    ...{ op: "If", domain: "", name: `${condition}/choice`, floats: new Set() },
    ...{ inputs: [condition], outputs: choices.map(({ outputs }) => outputs[0]) },
    attributes: Object.fromEntries(branches),
  };
  const isMoved = (node: OnnxNode) => choices.includes(node) || inside.some((nodes) => nodes.has(node));
  return { ...graph, nodes: ordered([...graph.nodes.filter((node) => !isMoved(node)), choice]) };
}

/** The nodes that nobody needs but one side of the choices. */
function onlyFor({ nodes, outputs }: OnnxGraph, choices: readonly OnnxNode[], at: number): ReadonlySet<OnnxNode> {
  const elsewhere = new Set(outputs.map(({ name }) => name));
  const found = new Set<OnnxNode>();
  for (const node of nodes.toReversed()) {
    const isChoice = choices.includes(node);
    const isInside = !isChoice && node.outputs.every((name) => !elsewhere.has(name));
    if (isInside) found.add(node);
    else for (const name of isChoice ? node.inputs.filter((_, i) => i !== at) : usesOf(node)) elsewhere.add(name);
  }
  return found;
}

/** Each behind what it reads, else as they were. */
function ordered(nodes: readonly OnnxNode[]): readonly OnnxNode[] {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const placed = new Set<OnnxNode>();
  const place = (first: OnnxNode): void => {
    const waiting = [first];
    for (let node = waiting.at(-1); node; node = waiting.at(-1)) {
      const before = placed.has(node) ? [] : usesOf(node).flatMap((name) => makers.get(name) ?? []);
      const missing = before.filter((one) => !placed.has(one));
      if (missing.length > 0) waiting.push(...missing);
      else placed.add(waiting.pop()!);
    }
  };
  nodes.forEach(place);
  return [...placed];
}
