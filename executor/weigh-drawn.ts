/**
 * What the Differentiates of a plan take when they run, told before anything does: each is drawn with values that have the
 * shapes of those that it will be given. Handles are made by their own nodes, which load nothing.
 */
import {
  type AnyNode,
  type Context,
  type DrawnWeight,
  GraphError,
  type Port,
  standIn,
  traitsOf,
  type ValueOf,
} from "../nodes/index.ts";
import { errorAt, GraphErrors } from "./errors.ts";
import { wishesOf } from "./seen.ts";
import { everyStep } from "./step.ts";
import type { DrawnStep, Path, Plan, PlanStep, Source } from "./types.ts";

export type DrawnWeights = ReadonlyMap<Path, DrawnWeight>;

/**
 * By the path of each Differentiate; of one that is drawn by what only a run knows, nothing is told. Throws GraphErrors for those
 * that cannot be drawn at all.
 */
export async function weighDrawn({ steps }: Plan, models: Context["models"]): Promise<DrawnWeights> {
  const all = everyStep(steps);
  const making = new Making(all, models);
  const weights = new Map<Path, DrawnWeight>();
  const problems: GraphError[] = [];
  for (const step of all)
    if (step.is === "drawn")
      try {
        const weight = await weightOf(step, making, models);
        if (weight) weights.set(step.path, weight);
      } catch (error) {
        // Whatever else is thrown says nothing of the graph; the run will.
        if (error instanceof GraphError) problems.push(errorAt(step.path, error));
      }
  if (problems.length > 0) throw new GraphErrors(problems);
  return weights;
}

async function weightOf(
  { path, graph, by, facts, outside, outputs }: DrawnStep,
  making: Making,
  models: Context["models"],
): Promise<DrawnWeight | undefined> {
  const ports = new Map(graph.nodes.map(({ path, definition }) => [path, definition.inputs]));
  const variable = await making.made(by, { kind: "tensor", optional: false }, facts);
  const values: unknown[] = [];
  for (const { source, path, port, facts } of outside)
    values.push(await making.made(source, ports.get(path)![port], facts));
  if (variable === undefined || values.includes(undefined)) return undefined;
  const wishes = wishesOf(
    path,
    outputs.map(({ from, output }) => ({ of: from, output })),
  );
  return models.differentiated(graph).weigh(variable as ValueOf<"tensor">, values, wishes);
}

/** Values that stand for those of a run. */
class Making {
  readonly #nodes: ReadonlyMap<Path, PlanStep>;
  readonly #world: Context;

  constructor(steps: readonly PlanStep[], models: Context["models"]) {
    this.#nodes = new Map(steps.map((step) => [step.path, step]));
    this.#world = { models } as Context;
  }

  /** Undefined where only a run knows it. */
  async made(source: Source, { kind, parameter }: Port, facts: object): Promise<unknown> {
    if ("value" in source) return source.value;
    const handed = this.#handedOn(source);
    if (handed) return handed.value;
    if (traitsOf(kind)?.handle) return "from" in source ? this.#handle(source.from, source.output) : undefined;
    // How often, or to what size: for each number there is another graph.
    return parameter?.integer ? undefined : standIn(this.#isNumber(source) ? "number" : kind, facts);
  }

  /** What is typed into a node that only hands it on, as Number does. */
  #handedOn(source: Source): Extract<Source, { value: unknown }> | undefined {
    const step = "from" in source ? this.#nodes.get(source.from) : undefined;
    if (step?.is !== "node") return undefined;
    const { handsOn } = step.definition as AnyNode;
    const given = handsOn === undefined ? undefined : step.inputs[handsOn];
    if (!given) return undefined;
    return "value" in given ? given : this.#handedOn(given);
  }

  /** What takes numbers and tensors is drawn otherwise for each. */
  #isNumber(source: Source): boolean {
    const step = "from" in source ? this.#nodes.get(source.from) : undefined;
    return (
      step?.is === "node" && "from" in source && (step.definition as AnyNode).outputs[source.output].kind === "number"
    );
  }

  async #handle(path: Path, output: string): Promise<unknown> {
    const step = this.#nodes.get(path);
    if (step?.is !== "node") return undefined;
    const inputs: Record<string, unknown> = {};
    for (const [name, source] of Object.entries(step.inputs)) {
      const facts = "from" in source ? this.#factsOf(source.from, source.output) : {};
      const value = await this.made(source, (step.definition as AnyNode).inputs[name], facts);
      if (value === undefined) return undefined;
      inputs[name] = value;
    }
    try {
      return ((await step.definition.run(inputs, this.#world)) as Record<string, unknown>)[output];
    } catch (error) {
      throw error instanceof GraphError ? errorAt(path, error) : error;
    }
  }

  #factsOf(path: Path, output: string): object {
    const step = this.#nodes.get(path);
    return (step?.is === "node" && step.facts[output]) || {};
  }
}
