/**
 * Elements of shape arithmetic: what PyTorch's exporter writes as Shape → Gather → Mul → Concat chains is computed
 * here, with sizes that are known only at run time kept as polynomials.
 */
import { type Attributes, type DataType, type Dim, isTensor } from "../ir.ts";
import type { AttributesOf, Operator } from "../operators.ts";
import { type Facts, type InferContext, numbersOf } from "./facts.ts";
import { elements, integers, normalAxis } from "./rules/shape.ts";
import { add, floorDiv, lowerBound, mul, product, sub } from "./size.ts";

/** Elements of the first output, whose shape is `dims`; undefined when one of them is unknown. */
export type Evaluator<attributes = Attributes> = (
  context: InferContext<attributes>,
  dims: readonly number[],
) => readonly Dim[] | undefined;

const count = (dims: readonly number[]): number => dims.reduce((a, b) => a * b, 1);

/** Row-major strides, 0 along broadcast axes, aligned to `rank` from the right. */
function strides(dims: readonly number[], rank: number): number[] {
  let stride = 1;
  const result: number[] = [];
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    result.unshift(dims[axis] === 1 ? 0 : stride);
    stride *= dims[axis];
  }
  return [...Array.from({ length: rank - dims.length }, () => 0), ...result];
}

/** Index into an operand for each element of a result of shape `dims`. */
function indices(dims: readonly number[], steps: readonly number[], start = 0): number[] {
  let list = [start];
  dims.forEach((dim, axis) => {
    list = list.flatMap((base) => Array.from({ length: dim }, (_, i) => base + i * steps[axis]));
  });
  return list;
}

const isFloat = (type: DataType | undefined): boolean => type?.includes("float") ?? false;

/** Float32 arithmetic rounds after each operation, as a runtime does. */
const rounded = (type: DataType | undefined, value: Dim): Dim =>
  type === "float32" && typeof value === "number" ? Math.fround(value) : value;

function elementwise(compute: (values: readonly Dim[], type: DataType | undefined) => Dim | undefined): Evaluator {
  return ({ x }, dims) => {
    const operands = x.map((facts) => facts?.values && { values: facts.values, dims: facts.dims as readonly number[] });
    if (!operands.every((operand) => operand !== undefined)) return undefined;
    const type = x.at(-1)?.type;
    const at = operands.map((operand) => indices(dims, strides(operand.dims, dims.length)));
    const result: Dim[] = [];
    for (let i = 0; i < count(dims); i++) {
      const value = compute(
        operands.map((operand, k) => operand.values[at[k][i]]),
        type,
      );
      if (value === undefined) return undefined;
      result.push(rounded(type, value));
    }
    return result;
  };
}

/** Of numbers alone; NaN stands for a result that is better left to the runtime. */
const numeric = (compute: (...values: number[]) => number): Evaluator =>
  elementwise((values) => {
    const result = values.every((v) => typeof v === "number") ? compute(...(values as number[])) : Number.NaN;
    return Number.isNaN(result) ? undefined : result;
  });

/** Equality that is certain at this time. */
function equal([a, b]: readonly Dim[]): number | undefined {
  if (a === b) return 1;
  if (typeof a === "number" && typeof b === "number") return 0;
  const [size, number] = typeof a === "number" ? [b, a] : [a, b];
  return typeof number === "number" && number < lowerBound(size) ? 0 : undefined;
}

function divided([a, b]: readonly Dim[], type: DataType | undefined): Dim | undefined {
  if (typeof a === "number" && typeof b === "number") return isFloat(type) ? a / b : Math.trunc(a / b);
  return isFloat(type) || lowerBound(a) < 0 ? undefined : floorDiv(a, b);
}

const copy: Evaluator = (context) => elements(context, 0);

/** Only reductions to a single element appear in shape arithmetic. */
const reduce =
  (combine: (a: Dim, b: Dim) => Dim | undefined): Evaluator =>
  (context, dims) => {
    const values = elements(context, 0);
    if (!values || values.length === 0 || count(dims) !== 1) return undefined;
    const value = fold(values, combine);
    return value === undefined ? undefined : [value];
  };

const fold = (values: readonly Dim[], combine: (a: Dim, b: Dim) => Dim | undefined): Dim | undefined =>
  values.slice(1).reduce<Dim | undefined>((a, b) => (a === undefined ? undefined : combine(a, b)), values[0]);

const extreme =
  (pick: (...values: number[]) => number): ((a: Dim, b: Dim) => Dim | undefined) =>
  (a, b) =>
    a === b ? a : typeof a === "number" && typeof b === "number" ? pick(a, b) : undefined;

export const evaluators = {
  Shape: ({ x: [a], attrs }) => a?.dims?.slice(attrs.start ?? 0, attrs.end),
  Size: ({ x: [a] }) => a?.dims && [product(a.dims)],
  ConstantOfShape: ({ attrs: { value } }, dims) => {
    const element = isTensor(value) ? numbersOf(value)?.[0] : 0;
    return element === undefined ? undefined : Array.from({ length: count(dims) }, () => element);
  },
  Range: (context, dims) => {
    const [start, , delta] = [0, 1, 2].map((i) => integers(context, i)?.[0]);
    if (start === undefined || delta === undefined) return undefined;
    return Array.from({ length: count(dims) }, (_, i) => start + i * delta);
  },
  Identity: copy,
  Reshape: copy,
  Flatten: copy,
  Squeeze: copy,
  Unsqueeze: copy,
  Cast: (context, _dims) => {
    const values = elements(context, 0);
    const [from, target] = [context.x[0]?.type, context.attrs.to];
    if (from === undefined || !values) return undefined;
    if (!target || !castTargets.has(target)) return undefined;
    if (target !== "bool" && !isFloat(from)) return values;
    if (!values.every((value) => typeof value === "number")) return undefined;
    return values.map((v) =>
      target === "bool" ? Number(v !== 0) : isFloat(target) ? rounded(target, v) : Math.trunc(v),
    );
  },
  Add: elementwise(([a, b]) =>
    typeof a === typeof b || Number.isInteger(a) || Number.isInteger(b) ? add(a, b) : undefined,
  ),
  Sub: elementwise(([a, b]) => sub(a, b)),
  Mul: elementwise(([a, b], type) => (isFloat(type) && typeof a !== typeof b ? undefined : mul(a, b))),
  Div: elementwise(divided),
  Neg: elementwise(([a]) => mul(-1, a)),
  Mod: numeric((a, b) => a - b * Math.floor(a / b)),
  // Other powers may differ from a runtime's in the last bit.
  Pow: numeric((a, b) => (b === 2 ? a * a : Number.NaN)),
  Floor: numeric(Math.floor),
  Ceil: numeric(Math.ceil),
  Sqrt: numeric(Math.sqrt),
  Abs: numeric(Math.abs),
  Max: elementwise((values) => fold(values, extreme(Math.max))),
  Min: elementwise((values) => fold(values, extreme(Math.min))),
  Not: numeric((a) => Number(a === 0)),
  And: numeric((a, b) => Number(a !== 0 && b !== 0)),
  Or: numeric((a, b) => Number(a !== 0 || b !== 0)),
  Xor: numeric((a, b) => Number((a !== 0) !== (b !== 0))),
  Equal: elementwise(equal),
  Greater: numeric((a, b) => Number(a > b)),
  GreaterOrEqual: numeric((a, b) => Number(a >= b)),
  Less: numeric((a, b) => Number(a < b)),
  LessOrEqual: numeric((a, b) => Number(a <= b)),
  Where: elementwise(([condition, a, b]) => (a === b || condition === 1 ? a : condition === 0 ? b : undefined)),
  ReduceProd: reduce(mul),
  ReduceSum: reduce(add),
  ReduceMax: reduce(extreme(Math.max)),
  ReduceMin: reduce(extreme(Math.min)),
  Expand: ({ x: [a] }, dims) =>
    a?.values && indices(dims, strides(a.dims as readonly number[], dims.length)).map((i) => a.values![i]),
  Tile: ({ x: [a] }, dims) => {
    if (!a?.values || dims.length !== 1) return undefined;
    return Array.from({ length: dims[0] }, (_, i) => a.values![i % a.values!.length]);
  },
  Transpose: ({ x: [a], attrs }, dims) => {
    if (!a?.values) return undefined;
    const perm = attrs.perm ?? dims.map((_, i) => dims.length - 1 - i);
    const steps = strides(a.dims as readonly number[], dims.length);
    return indices(
      dims,
      perm.map((axis) => steps[axis]),
    ).map((i) => a.values![i]);
  },
  Concat: ({ x }, dims) => {
    if (!x.every((facts) => facts?.values) || dims.length !== 1) return undefined;
    return x.flatMap((facts) => facts!.values!);
  },
  Gather: (context, dims) => {
    const [a, b] = context.x;
    if (!a?.values || !integers(context, 1)) return undefined;
    const from = a.dims as readonly number[];
    const axis = normalAxis(context.attrs.axis ?? 0, from.length);
    const [outer, inner] = [count(from.slice(0, axis)), count(from.slice(axis + 1))];
    const picked = integers(context, 1)!.map((i) => normalAxis(i, from[axis]));
    const result: Dim[] = [];
    for (let o = 0; o < outer; o++)
      for (const i of picked) for (let k = 0; k < inner; k++) result.push(a.values[(o * from[axis] + i) * inner + k]);
    return b && result.length === count(dims) ? result : undefined;
  },
  Slice: (context, dims) => sliceValues(context, dims),
} satisfies { readonly [op in Operator]?: Evaluator<AttributesOf<op>> };

function sliceValues(context: InferContext, dims: readonly number[]): readonly Dim[] | undefined {
  const [a] = context.x as readonly Facts[];
  const starts = integers(context, 1);
  if (!a.values || !starts) return undefined;
  const axes = context.node.inputs[3] ? integers(context, 3) : starts.map((_, i) => i);
  const steps = context.node.inputs[4] ? integers(context, 4) : starts.map(() => 1);
  if (!axes || !steps) return undefined;
  const from = a.dims as readonly number[];
  const step = strides(from, from.length);
  let base = 0;
  axes.forEach((raw, i) => {
    const axis = normalAxis(raw, from.length);
    const low = steps[i] > 0 ? 0 : -1;
    const start = Math.min(
      Math.max(normalAxis(starts[i], from[axis]), Math.max(low, 0)),
      from[axis] - (steps[i] < 0 ? 1 : 0),
    );
    base += start * step[axis];
    step[axis] *= steps[i];
  });
  return indices(dims, step, base).map((i) => a.values![i]);
}

/** Numbers of the types that Cast goes to in shape arithmetic. */
const castTargets: ReadonlySet<DataType> = new Set(["float32", "int32", "int64", "bool", "float64"]);
