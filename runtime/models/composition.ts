/** Graphs that call networks, as models of their own. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { type Call, compose, condFnModel, type OnnxGraph, type OnnxModel, withGradient } from "../../onnx/index.ts";
import { type Kernels, kernelWords, loweredFor } from "./lowered.ts";
import type { Network } from "./network.ts";

/** A network as a graph calls it: itself, or the gradient of its log probabilities. */
export interface Called {
  readonly network: Network;
  readonly use: "forward" | "cond_fn";
}

/** Tells it from all others. */
export const calledKey = ({ network, use }: Called): string => `${use} ${network.facts.content}`;

/** What is called like a network, and made of some. */
export interface Made {
  make(build: Build): Promise<OnnxModel>;
}

/** The forward graph of a network. */
export type Build = (network: Network) => OnnxModel | Promise<OnnxModel>;

/** A graph that calls networks. */
export interface Composition<Part = Called | Made> {
  readonly graph: OnnxGraph;
  readonly calls: readonly Call[];
  /** By what the calls name them. */
  readonly networks: ReadonlyMap<string, Part>;
}

/** One with an output `of`, and an input by which that may be differentiated. */
export interface Variable {
  readonly variable: string;
}

export async function composed({ graph, calls, networks }: Composition, build: Build): Promise<OnnxModel> {
  const modelOf = async (part: Called | Made): Promise<OnnxModel> => {
    if ("make" in part) return part.make(build);
    const model = await build(part.network);
    return part.use === "cond_fn" ? condFnOf(part.network, model) : model;
  };
  const models = await Promise.all([...networks].map(async ([key, part]) => [key, await modelOf(part)] as const));
  return compose(graph, calls, new Map(models));
}

/** A graph that calls networks, and may be differentiated. */
export type Differentiable = Composition<Called> & Variable;

/** With one output more, `gradient`: ∂ Σ of / ∂ variable. Throws a GradientError or a ZeroGradientError where none flows. */
export async function composedWithGradient(composition: Composition & Variable, build: Build): Promise<OnnxModel> {
  return withGradient(await composed(composition, build), {
    of: "of",
    wrt: composition.variable,
    output: "gradient",
  });
}

/** In float32, as all that is differentiated; lowered. */
export const loweredDrawing = async (composition: Differentiable, isDifferentiated: boolean, kernels: Kernels) =>
  loweredFor(
    await (isDifferentiated ? composedWithGradient : composed)(composition, (network) =>
      network.build({ fp16: false }),
    ),
    kernels,
  );

/** All that it is made of, and for what. */
export const drawnWords = (
  composition: Differentiable,
  isDifferentiated: boolean,
  kernels: Kernels,
): readonly unknown[] => {
  const [graph, calls] = wordsOf(composition);
  return ["drawn", graph, calls, composition.variable, isDifferentiated, ...kernelWords(kernels)];
};

export function condFnOf({ roles: { x, t, out }, head }: Network, model: OnnxModel): OnnxModel {
  return condFnModel(model, { x: x.name, logits: out.name, ...(t && { t: t.name }), ...(head && { head }) });
}

/** All that it is made of: networks are in it by what calls name them, and constants by their bytes. */
export const wordsOf = ({ graph, calls }: Composition): readonly unknown[] => [contentOf(graph), calls.map(contentOf)];

const contentOf = (part: object): string =>
  JSON.stringify(part, (_, value: unknown) => {
    if (value instanceof Map || value instanceof Set) return [...value];
    return value instanceof Uint8Array ? bytesToHex(sha256(value)) : value;
  });
