/**
 * Loops of a number of steps that is known beforehand, written out, so that they can be differentiated: each step's nodes
 * under names of their own. Loops that may end earlier, or are long, stay what they are.
 */
import { isGraph, type OnnxGraph, type OnnxModel, type OnnxNode } from "../ir.ts";
import { identity, type Value } from "../rewrite/builder.ts";
import { renameValues } from "../rewrite/captures.ts";
import { Draft } from "../rewrite/draft.ts";
import { normalAxis } from "../shapes/rules/shape.ts";

/** A written-out step costs as many nodes as the body has. */
const maxSteps = 64;

/** The same model where there is nothing to write out. */
export function unrollLoops(model: OnnxModel): OnnxModel {
  const { graph } = model;
  if (!graph.nodes.some(({ op, domain }) => domain === "" && (op === "Loop" || op === "Scan"))) return model;
  const draft = new Draft(graph, "unrolled");
  for (const node of graph.nodes) {
    const plan =
      node.domain !== ""
        ? undefined
        : node.op === "Loop"
          ? loopOf(node, draft)
          : node.op === "Scan"
            ? scanOf(node, draft)
            : undefined;
    if (plan) writeOut(node, plan, draft);
    else draft.push(node);
  }
  return { ...model, graph: draft.graph() };
}

interface Plan {
  readonly body: OnnxGraph;
  readonly steps: number;
  /** Values that are carried from step to step, as they begin. */
  readonly states: readonly Value[];
  /** What the body's inputs before and after its states are in a step. */
  before(step: number): readonly Value[];
  after(step: number): readonly Value[];
  /** How many of the body's outputs come before its states. */
  readonly skipped: number;
  /** How the results of all steps lie side by side: axis, and whether the last comes first. */
  readonly stacked: readonly { readonly axis: number; readonly isReversed: boolean }[];
}

/** ai.onnx Loop: a number of steps, a condition, states; the body's outputs are a condition, states and results. */
function loopOf(
  { inputs: [count, condition = "", ...states], attributes, outputs }: OnnxNode,
  draft: Draft,
): Plan | undefined {
  const { body } = attributes;
  const steps = count ? draft.numbers(count)?.[0] : undefined;
  if (!isGraph(body) || steps === undefined || steps < 1 || steps > maxSteps) return undefined;
  if (condition !== "" && draft.numbers(condition)?.[0] !== 1) return undefined;
  if (!goesOn(body)) return undefined;
  return {
    body,
    steps,
    states,
    before: (step) => [draft.op.int64(step), draft.op.bool(true)],
    after: () => [],
    skipped: 1,
    stacked: outputs.slice(states.length).map(() => ({ axis: 0, isReversed: false })),
  };
}

/** Whether the condition that a body gives is the one it was given, or is always true. */
function goesOn({ nodes, inputs, outputs, initializers }: OnnxGraph): boolean {
  let name = outputs[0].name;
  for (let node = maker(nodes, name); node?.op === "Identity"; node = maker(nodes, name)) name = node.inputs[0];
  if (name === inputs[1]?.name) return true;
  const made = maker(nodes, name);
  const tensor = initializers.get(name) ?? (made?.op === "Constant" ? made.attributes.value : undefined);
  return typeof tensor === "object" && "data" in tensor && tensor.data instanceof Uint8Array && tensor.data[0] === 1;
}

const maker = (nodes: readonly OnnxNode[], name: Value): OnnxNode | undefined =>
  nodes.find(({ outputs }) => outputs.includes(name));

/** ai.onnx Scan, from opset 9 on: states, then sequences that are read along an axis. */
function scanOf({ inputs, outputs, attributes }: OnnxNode, draft: Draft): Plan | undefined {
  const { body, num_scan_inputs: count } = attributes;
  if (!isGraph(body) || typeof count !== "number") return undefined;
  const list = (name: string): readonly number[] => (attributes[name] as readonly number[] | undefined) ?? [];
  const [states, sequences] = [inputs.slice(0, -count), inputs.slice(-count)];
  const axes = sequences.map((sequence, i) =>
    normalAxis(list("scan_input_axes")[i] ?? 0, draft.shape(sequence)?.length ?? 1),
  );
  const steps = draft.shape(sequences[0])?.[axes[0]];
  if (typeof steps !== "number" || steps < 1 || steps > maxSteps) return undefined;
  return {
    body,
    steps,
    states,
    before: () => [],
    after: (step) =>
      sequences.map((sequence, i) => {
        const place = list("scan_input_directions")[i] === 1 ? steps - 1 - step : step;
        return draft.op.Gather(sequence, draft.op.int64(place), { axis: axes[i] });
      }),
    skipped: 0,
    stacked: outputs.slice(states.length).map((_, i) => ({
      axis: list("scan_output_axes")[i] ?? 0,
      isReversed: list("scan_output_directions")[i] === 1,
    })),
  };
}

function writeOut(node: OnnxNode, { body, steps, states, before, after, skipped, stacked }: Plan, draft: Draft): void {
  const own = new Set([...body.initializers.keys(), ...body.nodes.flatMap(({ outputs }) => outputs)]);
  const results: Value[][] = [];
  let carried = states;
  for (let step = 0; step < steps; step++) {
    const scope = `${node.outputs.find((name) => name !== "")}/${step}`;
    const given = [...before(step), ...carried, ...after(step)];
    const inputs = new Map(body.inputs.map(({ name }, i) => [name, given[i]]));
    const renamed = (name: Value): Value =>
      name === "" ? "" : (inputs.get(name) ?? (own.has(name) ? `${scope}/${name}` : name));
    for (const [name, tensor] of body.initializers) draft.op.weight(renamed(name), tensor);
    for (const inner of body.nodes)
      draft.push({ ...renameValues(inner, renamed), name: `${node.name}/${step}/${inner.name}` });
    const outputs = body.outputs.map(({ name }) => renamed(name));
    carried = outputs.slice(skipped, skipped + states.length);
    results.push(outputs.slice(skipped + states.length));
  }
  const stacks = stacked.map(({ axis, isReversed }, i) => {
    const parts = results.map((step) => draft.op.Unsqueeze(step[i], draft.op.int64([axis])));
    return draft.op.Concat(...(isReversed ? parts.reverse() : parts), { axis });
  });
  for (const [i, value] of [...carried, ...stacks].entries())
    if (node.outputs[i]) draft.push(identity(`${node.name}/result.${i}`, value, node.outputs[i]));
}
