/** A graph of an operator or few, over shapes that select the kernels a provider has for it. */
import type { DataType, GraphBuilder, Value } from "../../../onnx/index.ts";

/** An input's shape; of floats unless said. */
export type Input =
  | readonly number[]
  | { readonly dims: readonly number[]; readonly type: "bool" | "int64"; readonly values?: readonly number[] };

export interface KernelCase {
  readonly name: string;
  readonly inputs: readonly Input[];
  readonly y: (op: GraphBuilder, ...inputs: Value[]) => Value;
  readonly type?: DataType;
}

export const kernelCase = (what: string, inputs: readonly Input[], y: KernelCase["y"]): KernelCase => ({
  name: `${what} of ${inputs.map((input) => `[${dimsOf(input)}]`).join(" ")}`,
  inputs,
  y,
});

export const dimsOf = (input: Input): readonly number[] => ("dims" in input ? input.dims : input);

/** Every choice of one of each list. */
export function each<const lists extends readonly (readonly unknown[])[]>(
  ...lists: lists
): { -readonly [at in keyof lists]: lists[at][number] }[] {
  return lists.reduce<unknown[][]>((rows, list) => rows.flatMap((row) => list.map((one) => [...row, one])), [[]]) as {
    -readonly [at in keyof lists]: lists[at][number];
  }[];
}

export const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

/** "2,3,4 4,1": shapes as they are read; "-" is that of a scalar. */
export const shapes = (text: string): number[][] =>
  text.split(" ").map((dims) => (dims === "-" ? [] : dims.split(",").map(Number)));
