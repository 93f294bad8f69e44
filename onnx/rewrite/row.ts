/**
 * Rows of the tables by which graphs are rewritten: a pattern, a condition, and what becomes of it. Upgrades, unfusings
 * and lowerings are such rows.
 */
import type { Attributes, DataType, Dim, OnnxNode, OnnxTensor } from "../ir.ts";
import type { AttributesOf, Operator } from "../operators.ts";
import type { GraphBuilder, Value } from "./builder.ts";
import type { Found } from "./match.ts";
import type { Made, NamesIn } from "./pattern.ts";

/** What a row may ask of the graph. */
export interface View<attributes = Attributes> {
  /** The node that the pattern matched, and its attributes. */
  readonly node: OnnxNode;
  readonly attrs: attributes;
  readonly opset: number;
  shape(value: Value): readonly Dim[] | undefined;
  type(value: Value): DataType;
  /** Whether a value's type is known for certain. */
  knows(value: Value): boolean;
  constant(value: Value): OnnxTensor | undefined;
  /** Elements of a small constant. */
  numbers(value: Value): readonly number[] | undefined;
  /** How many nodes read a value. */
  uses(value: Value): number;
  /** Attributes of the node that makes a value. */
  attributesOf<O extends Operator>(operator: O, value: Value): AttributesOf<O>;
  /** What a value is made of, where it is of that form and as wanted. */
  find<names extends string>(
    form: Made<names>,
    value: Value,
    isWanted?: (found: Readonly<Record<names, Value>>) => boolean,
  ): Readonly<Record<names, Value>> | undefined;
}

export interface Row {
  readonly pattern: Made;
  /** Values made before that must be there too, by the names that the other fields have for them. */
  readonly beside?: Readonly<Record<string, Made>> | undefined;
  /** Values made elsewhere, before or after, which may be given a new source with the pattern's. */
  readonly again?: Readonly<Record<string, Made>> | undefined;
  when?(found: Found, view: View): boolean;
  /** The new source of the pattern's value, of each output of its node, or of values by their names; or that there is none. */
  becomes(op: GraphBuilder, found: Found, view: View): Sources | undefined;
}

export type Sources = Value | readonly Value[] | Readonly<Record<string, Value>>;

export type Rows = Readonly<Record<string, Row>>;

/** A row whose condition and replacement know the names of its forms, and no others. */
export const row = <
  names extends string,
  O extends Operator,
  beside extends Readonly<Record<string, Made>> = Record<never, Made>,
  again extends Readonly<Record<string, Made>> = Record<never, Made>,
>(
  given: TypedRow<
    names | Extract<keyof (beside & again), string> | NamesIn<beside[keyof beside] | again[keyof again]>,
    O
  > & {
    readonly pattern: Made<names, O>;
    readonly beside?: beside;
    readonly again?: again;
  },
): Row => given as unknown as Row;

interface TypedRow<names extends string, O extends Operator> {
  when?(found: Readonly<Record<names, Value>>, view: View<AttributesOf<O>>): boolean;
  becomes(
    op: GraphBuilder,
    found: Readonly<Record<names, Value>>,
    view: View<AttributesOf<O>>,
  ): Value | readonly Value[] | { readonly [name in names]?: Value } | undefined;
}
