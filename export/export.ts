/**
 * A plan as ONNX: `trace` draws it, a loop of it as one Loop; `models` puts the networks in; `manifest` says how they are fed.
 * What comes of it needs nothing of GuideGraph: standard operators, weights stored once, noise and labels as inputs.
 */
import { everyStep, outputsOf, type Plan, type PlanStep, type Source, type StepOutput } from "../executor/index.ts";
import type { Context, Size } from "../nodes/index.ts";
import type { OnnxModel } from "../onnx/index.ts";
import type { Network, Networks } from "../runtime/index.ts";
import { FixedBatch } from "./fixed-batch.ts";
import type { Samples } from "./given.ts";
import { handlesOf } from "./handles.ts";
import type { GraphInput } from "./inputs.ts";
import type { LoopPart } from "./loop.ts";
import { type StepPorts, samplerModel, stepModel } from "./models.ts";
import { type GraphOutput, graphOutputs, type LeftOut } from "./outputs.ts";
import { Tracer } from "./trace.ts";
import type { BuiltIn, TypedNumbers } from "./typed-numbers.ts";

export interface ExportOptions {
  readonly networks: Networks;
  readonly images: Context["images"];
  readonly tensors: Context["tensors"];
  readonly signal: AbortSignal;
}

/** A step of a loop as a model of its own. */
export interface ExportedStep {
  readonly loop: Pick<LoopPart, "path" | "title" | "steps">;
  readonly model: OnnxModel;
  readonly ports: StepPorts;
}

export interface Exported {
  readonly sampler: OnnxModel;
  /** Of each loop that is in no other one, in the order in which they run. */
  readonly steps: readonly ExportedStep[];
  /** Those that the sampler has, with their values at hand. */
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly GraphOutput[];
  readonly leftOut: readonly LeftOut[];
  /** Numbers that are no inputs, since something computes with them as well. */
  readonly builtIn: readonly BuiltIn[];
  /** How many samples the values at hand are of; `isOpen`: any number will do. */
  readonly samples: Samples;
  readonly networks: readonly Network[];
}

/** Throws a GraphError with the path of the node that cannot be exported. */
export async function exportPlan(plan: Plan, options: ExportOptions): Promise<Exported> {
  const { tracer, ends, samples, builtIn, opened } = await traced(plan, options);
  const { sheet } = tracer.root;
  const { all } = tracer.inputs;
  // Each network is built once, so that its weights are the same bytes wherever they are called.
  const built = new Map<Network, OnnxModel | Promise<OnnxModel>>();
  const build = (network: Network) => {
    const model = built.get(network) ?? network.build({ fp16: false });
    built.set(network, model);
    return model;
  };
  const steps: ExportedStep[] = [];
  for (const { path, title, steps: taken, body } of tracer.loops) {
    const { states, scans, x0 } = body.ports;
    // What only shows or saves leaves nothing, and is among what is left out.
    if (states.length + scans.length === 0 && !x0) continue;
    steps.push({ loop: { path, title, steps: taken }, ...(await stepModel(sheet, body, all, build)) });
  }
  const paths = everyStep(plan.steps).flatMap((step) =>
    step.is === "drawn" ? step.graph.nodes.map(({ path }) => path) : [step.path],
  );
  const sampler = await samplerModel(sheet, all, ends.outputs, build, paths);
  const used = new Set(sampler.graph.inputs.map(({ name }) => name));
  return {
    ...{ sampler, steps, samples, builtIn },
    inputs: all.filter(({ name }) => used.has(name)),
    outputs: ends.outputs,
    leftOut: [...tracer.leftOut, ...ends.leftOut],
    networks: [...opened],
  };
}

/** What goes in and comes out, before any weights are read. Throws a GraphError likewise. */
export async function exportedPorts(
  plan: Plan,
  options: ExportOptions,
): Promise<Pick<Exported, "inputs" | "outputs" | "leftOut" | "builtIn" | "samples">> {
  const { tracer, ends, samples, builtIn } = await traced(plan, options);
  return { ...ends, leftOut: [...tracer.leftOut, ...ends.leftOut], inputs: tracer.inputs.all, samples, builtIn };
}

interface TracedPlan extends Pick<Exported, "samples" | "builtIn"> {
  readonly tracer: Tracer;
  readonly ends: ReturnType<typeof graphOutputs>;
  readonly opened: ReturnType<typeof handlesOf>["opened"];
}

async function traced(plan: Plan, { networks, images, tensors, signal }: ExportOptions) {
  const { models, network, opened } = handlesOf(networks);
  const trace = async (samples: Samples, builtIn?: TypedNumbers["builtIn"]): Promise<TracedPlan> => {
    const tracer = new Tracer(plan, { samples, network, builtIn, context: { models, images, tensors, signal } });
    await tracer.steps(plan.steps, tracer.root);
    const ends = graphOutputs(tracer.ends, tracer.root.sheet, tracer.names, tracer.leftOut);
    const { torn } = tracer.numbers;
    if (torn) return trace(samples, torn);
    return { tracer, ends, samples, builtIn: [...tracer.numbers.builtIn.values()], opened };
  };
  const all = everyStep(plan.steps);
  const entering = all.flatMap(samplesIn);
  const count = Math.max(1, ...entering);
  const made = all.flatMap(labelsMade);
  // One sample, or one label, is there for all; unless labels are repeated for draws, of which there are more then.
  const sizes = new Set([...entering, ...made].filter((size) => size > 1 || made.length > 0));
  if (sizes.size > 1 || makesMany(plan)) return trace({ count, isOpen: false, isMixed: true });
  try {
    return await trace({ count, isOpen: true });
  } catch (error) {
    if (!(error instanceof FixedBatch)) throw error;
    return trace({ count, isOpen: false, why: error.message });
  }
}

/** How many samples nodes let in. */
const samplesIn = (step: PlanStep): number[] =>
  step.is === "node" && step.definition.enters ? outputsOf(step).map(countOf) : [];

/** Whether a node makes several samples of one: then one that enters is not there for all. */
function makesMany({ steps }: Plan): boolean {
  const all = new Map(everyStep(steps).map((step) => [step.path, step]));
  const batchOf = (source: Source | undefined): number | undefined => {
    if (!source || "value" in source) return undefined;
    const step = all.get("from" in source ? source.from : source.by);
    if (step?.is === "node" && "from" in source) return (step.facts[source.output] as Size | undefined)?.batch;
    // What goes from step to step has the size that it begins with.
    return step?.is === "loop"
      ? batchOf(step.carried["from" in source ? source.output : source.given]?.first)
      : undefined;
  };
  return [...all.values()].some((step) => {
    // What is collected is many by its steps, whatever the number of samples.
    if (step.is !== "node" || step.definition.enters || step.definition.collects) return false;
    const given = Object.values(step.inputs).map(batchOf);
    const sizes = given.filter((size) => size !== undefined);
    return (
      sizes.length > 0 &&
      Math.max(...sizes) === 1 &&
      Object.values(step.facts).some(({ batch }: Size) => (batch ?? 1) > 1)
    );
  });
}

/** Of how many samples the labels are that nodes make of others. */
const labelsMade = (step: PlanStep): number[] =>
  step.is === "node" && !step.definition.enters
    ? outputsOf(step)
        .filter(({ kind }) => kind === "labels")
        .map(countOf)
    : [];

const countOf = ({ facts }: StepOutput): number => (facts as Size).batch ?? 1;
