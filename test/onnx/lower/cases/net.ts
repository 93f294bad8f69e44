import type { GraphBuilder, Value } from "../../../../onnx/index.ts";
import type { Lowering } from "../../../../onnx/lower/index.ts";

export interface Net {
  /** Shape of the input x. */
  readonly x: readonly number[];
  readonly y: (op: GraphBuilder, x: Value, weight: (...dims: number[]) => Value) => Value;
  /** Computes in float16, which software Vulkan does not. */
  readonly half?: true;
  /** Operators and how many of them the gradient graph lowered for the CPU has. */
  readonly has?: Readonly<Record<string, number>>;
}

/** By title: nets that a lowering makes faster, and nets that only look so. It works in the first. */
export type Nets = Readonly<Record<string, Net>>;
export type NetsByLowering = { readonly [lowering in Lowering]?: Nets };
