/** The models of a traced graph: all of it, and one step of each loop. */
import type { Path } from "../executor/index.ts";
import { GraphError, type Value } from "../nodes/index.ts";
import {
  conflictIn,
  type Dim,
  lower,
  type OnnxGraph,
  type OnnxModel,
  type ValueInfo,
  withoutUnusedInputs,
} from "../onnx/index.ts";
import { type Build, composed, type ExportedPart, markedAs } from "../runtime/index.ts";
import { withBranches } from "./branches.ts";
import type { GraphInput } from "./inputs.ts";
import type { LoopBody } from "./loop-body.ts";
import { Names } from "./names.ts";
import type { GraphOutput } from "./outputs.ts";
import type { ExportSheet } from "./sheet.ts";

/** An input or output of a step, by what it is. */
export interface StepPorts {
  /** Which step it is, from 0 in the order in which they are taken. */
  readonly step: string;
  /** By state: what it is given, and what it makes of it. */
  readonly states: readonly { readonly name: string; readonly next: string; readonly dims: readonly Dim[] }[];
  /** The draws that it takes, each of a stream: the row of it that belongs to each step. */
  readonly draws: readonly { readonly name: string; readonly stream: string; readonly rows: readonly number[] }[];
  /** What a loop collects of each step, by its name; `turns`: of which, from 0. Of the others it is 0. */
  readonly scans: readonly { readonly name: string; readonly of: string; readonly turns: readonly number[] }[];
  /** The clean picture that is predicted. */
  readonly x0: string | undefined;
}

export async function samplerModel(
  sheet: ExportSheet,
  inputs: readonly GraphInput[],
  outputs: readonly GraphOutput[],
  build: Build,
  paths: readonly Path[],
): Promise<OnnxModel> {
  const graph = sheet.graph(new Map(outputs.map(({ name, value }) => [name, value])));
  const model = await composed({ graph, calls: sheet.calls, networks: sheet.networks }, build);
  wantFitting(model.graph, paths, sheet.callers);
  return finished(model, inputs, "sampler");
}

/** What two networks give need not fit each other, which is known when they are put in. */
function wantFitting(graph: OnnxGraph, paths: readonly Path[], callers: ReadonlyMap<string, Path>): void {
  const conflict = conflictIn(graph);
  if (!conflict) return;
  const caller = [...callers].find(([call]) => conflict.node.includes(`${call}/`))?.[1];
  const path = caller ?? paths.findLast((path) => conflict.node.includes(`/${path}/`));
  const sizes = conflict.dims.map((dims) => dims.join("×")).join(" and ");
  throw new GraphError(`It cannot be exported: sizes that meet in it do not fit, ${sizes}`, undefined, path);
}

/** `sheet` as it is before it has outputs. */
export async function stepModel(
  sheet: ExportSheet,
  body: LoopBody,
  inputs: readonly GraphInput[],
  build: Build,
): Promise<{ readonly model: OnnxModel; readonly ports: StepPorts }> {
  const { turn, draws, states, scans, x0 } = body.ports;
  const names = new Names(inputs.map(({ name }) => name));
  const ports: StepPorts = {
    step: names.free("step"),
    states: states.map(({ name, dims }) => ({ name: names.free(name), next: names.free(`next_${name}`), dims })),
    draws: draws.map(({ stream, rows }) => ({
      name: names.free(draws.length > 1 ? `${stream}.z` : "z"),
      stream,
      rows,
    })),
    scans: scans.map(({ name, turns }) => ({ name: names.free(name), of: name, turns })),
    x0: x0 && names.free("x0"),
  };
  const given = new Map<Value, Value>([
    ...body.step.captured.map((name) => [name, name] as const),
    [turn, ports.step],
    ...states.map(({ input }, i) => [input, ports.states[i].name] as const),
    ...draws.map(({ value }, i) => [value, ports.draws[i].name] as const),
  ]);
  const made = new Map<string, Value>([
    ...states.map(({ output }, i) => [output, ports.states[i].next] as const),
    ...scans.map(({ output }, i) => [output, ports.scans[i].name] as const),
    ...(x0 ? [[x0.output, ports.x0!] as const] : []),
  ]);
  const before = sheet.graph(new Map());
  const call = { name: "step/body", at: before.nodes.length, network: body.word, inputs: given, outputs: made };
  const own: ValueInfo[] = [
    { name: ports.step, type: "int64", dims: [] },
    ...ports.states.map(({ name, dims }): ValueInfo => ({ name, type: "float32", dims })),
    ...draws.map(({ value }, i): ValueInfo => infoOf(ports.draws[i].name, value, body)),
  ];
  const outputs = [
    ...ports.states.map(({ next, dims }): ValueInfo => ({ name: next, type: "float32", dims })),
    ...scans.map(({ dims }, i): ValueInfo => ({ name: ports.scans[i].name, type: "float32", dims })),
    ...(x0 ? [{ name: ports.x0!, type: "float32", dims: x0.dims } as const] : []),
  ];
  const graph = { ...before, nodes: [...before.nodes], inputs: [...before.inputs, ...own], outputs };
  const calls = [...sheet.calls.filter(({ network }) => network !== body.word), call];
  const networks = new Map([...sheet.networks, [body.word, body.step] as const]);
  const model = await composed({ graph, calls, networks }, build);
  return { model: finished(model, inputs, "step"), ports };
}

const infoOf = (name: string, value: Value, body: LoopBody): ValueInfo => {
  const dims = body.dims(value);
  return dims ? { name, type: "float32", dims } : { name, type: "float32" };
};

/** In fast operators, with the inputs that it needs alone. */
function finished(model: OnnxModel, inputs: readonly GraphInput[], name: ExportedPart): OnnxModel {
  const { graph, ...rest } = lower(model, "portable");
  // How many rows of a stream there are is known only now.
  const dims = new Map(inputs.map((input) => [input.name, input.dims]));
  const known = graph.inputs.map((input) => ({
    ...input,
    ...(dims.has(input.name) && { dims: dims.get(input.name)! }),
  }));
  const whole = withoutUnusedInputs(withBranches({ ...graph, name, inputs: known }));
  return markedAs({ ...rest, graph: whole }, name);
}
