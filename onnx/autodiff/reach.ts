/**
 * Whether the gradient of a value reaches an input, known before anything runs: a gradient that is zero by construction
 * would guide nothing without a word.
 */
import type { OnnxGraph, OnnxModel, OnnxNode } from "../ir.ts";
import { usesOf } from "../rewrite/captures.ts";
import { StandardModel } from "../standard/standard.ts";
import { GradientError } from "./error.ts";
import { GradientBuilder } from "./gradient-builder.ts";
import { activeValues, type GradientOptions, walk } from "./walk.ts";

export type Reach =
  | { readonly kind: "flows" }
  /** An operator on the way has no gradient rule, or none for its form. */
  | { readonly kind: "stopped"; readonly by: Place; readonly why: string }
  /** Every path passes one of these, whose derivative is zero wherever it exists. */
  | { readonly kind: "zero"; readonly at: readonly Place[] }
  /** The value does not depend on the input. */
  | { readonly kind: "apart" };

export interface Place {
  readonly op: string;
  /** Of the node. */
  readonly name: string;
}

/** A gradient that is zero by construction; `reach` says where it ends. */
export class ZeroGradientError extends RangeError {
  override readonly name = "ZeroGradientError";
  readonly reach: Reach;

  constructor(reach: Reach, ends: GradientOptions) {
    super(reachInWords(reach, ends));
    this.reach = reach;
  }
}

/** What becomes of ∂of/∂wrt. Throws a RangeError for opsets that cannot be read. */
export const gradientReach = (model: OnnxModel, ends: GradientOptions): Reach =>
  reachIn(StandardModel.withoutLoops(model), ends);

/** Why no gradient leads from each of several values to an input, in words; undefined of those from which one does. */
export function stoppedGradients(model: OnnxModel, of: readonly string[], wrt: string): (string | undefined)[] {
  const standard = StandardModel.withoutLoops(model);
  return of.map((of) => reachInWords(reachIn(standard, { of, wrt }), { of, wrt }));
}

function reachIn({ graph, opsets }: StandardModel, { of, wrt }: GradientOptions): Reach {
  const builder = new GradientBuilder(graph);
  const active = activeValues(graph, wrt, builder);
  const { between, needed } = nodesBetween(graph, wrt, of);
  if (of !== wrt && between.length === 0) return { kind: "apart" };
  const cotangent = builder.op.Identity(of);
  try {
    if (walk(graph, { of, wrt, cotangent, builder, opset: opsets.get("")! }) !== undefined) return { kind: "flows" };
  } catch (error) {
    if (!(error instanceof GradientError)) throw error;
    return { kind: "stopped", by: { op: error.op, name: error.node }, why: error.message };
  }
  // Of a node with several outputs those count that something is made of: TopK gives values and their places.
  const isEnd = ({ inputs, outputs }: OnnxNode): boolean =>
    inputs.some((name) => active.has(name)) && !outputs.some((name) => active.has(name) && needed.has(name));
  return { kind: "zero", at: between.filter(isEnd).map(({ op, name }) => ({ op, name })) };
}

/** Nodes that depend on one value and that another one depends on, and what that needs of all values. */
function nodesBetween({ nodes }: OnnxGraph, from: string, to: string) {
  const reached = new Set([from]);
  const behind = nodes.filter((node) => {
    if (!usesOf(node).some((name) => reached.has(name))) return false;
    for (const name of node.outputs) reached.add(name);
    return true;
  });
  const needed = new Set([to]);
  const between = behind.toReversed().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of usesOf(node)) needed.add(name);
    return true;
  });
  return { between: between.reverse(), needed };
}

/** The same in words; undefined where it flows. `called` names a place to its reader. */
export function reachInWords(reach: Reach, { of, wrt }: GradientOptions, called = named): string | undefined {
  switch (reach.kind) {
    case "flows":
      return undefined;
    case "stopped":
      return reach.why;
    case "apart":
      return `"${of}" does not depend on "${wrt}"`;
    case "zero": {
      const places = [...new Set(reach.at.map(called))];
      const more = places.length > 3 ? ` and ${places.length - 3} more` : "";
      const at = `${places.slice(0, 3).join(", ")}${more}`;
      return `it is 0 everywhere, since every path from "${wrt}" to "${of}" ends at ${at}, which lets no gradient through`;
    }
  }
}

const named = ({ op, name }: Place): string => `${op} "${name}"`;
