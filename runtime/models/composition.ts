/** Graphs that call networks, as models of their own. */
import { GraphError } from "../../nodes/index.ts";
import { type Call, compose, condFnModel, type OnnxGraph, type OnnxModel, withGradient } from "../../onnx/index.ts";
import type { Network } from "./network.ts";

/** A network as a graph calls it: itself, or the gradient of its log probabilities. */
export interface Called {
  readonly network: Network;
  readonly use: "forward" | "cond_fn";
}

/** A graph that calls networks. Called by another graph, it is a network that gives its gradient too. */
export interface Composition {
  readonly graph: OnnxGraph;
  readonly calls: readonly Call[];
  /** By what the calls name them. */
  readonly networks: ReadonlyMap<string, Called | Composition>;
  /** The input by which its output `of` is differentiated: ∂ Σ of / ∂ variable is its output `gradient`. */
  readonly variable: string;
}

export const isComposition = (part: Called | Composition): part is Composition => "calls" in part;

/** Every network that is in it. */
export const networksIn = ({ networks }: Pick<Composition, "networks">): Network[] => [
  ...new Set([...networks.values()].flatMap((part) => (isComposition(part) ? networksIn(part) : [part.network]))),
];

/** The model, its networks built by `build`, without the gradient. */
export async function composed(
  { graph, calls, networks }: Pick<Composition, "graph" | "calls" | "networks">,
  build: (network: Network) => OnnxModel | Promise<OnnxModel>,
): Promise<OnnxModel> {
  const modelOf = async (part: Called | Composition): Promise<OnnxModel> => {
    if (isComposition(part)) return composedWithGradient(part, build);
    const model = await build(part.network);
    return part.use === "cond_fn" ? condFnOf(part.network, model) : model;
  };
  const models = await Promise.all([...networks].map(async ([key, part]) => [key, await modelOf(part)] as const));
  return compose(graph, calls, new Map(models));
}

/** With the gradient. Throws a GraphError where none flows. */
export async function composedWithGradient(
  composition: Composition,
  build: (network: Network) => OnnxModel | Promise<OnnxModel>,
): Promise<OnnxModel> {
  const whole = await composed(composition, build);
  return flowing(() => withGradient(whole, { of: "of", wrt: composition.variable, output: "gradient" }));
}

/** What is wrong with a gradient that does not flow is wrong with what was wired. */
function flowing<T>(differentiate: () => T): T {
  try {
    return differentiate();
  } catch (error) {
    throw error instanceof RangeError ? new GraphError(`Cannot differentiate: ${error.message}`, "of") : error;
  }
}

export function condFnOf({ roles: { x, t, out }, head }: Network, model: OnnxModel): OnnxModel {
  return condFnModel(model, { x: x.name, logits: out.name, ...(t && { t: t.name }), ...(head && { head }) });
}
