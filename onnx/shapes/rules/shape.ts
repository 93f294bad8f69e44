/** Shapes of operators that move, cut and join values, and of those that make shapes. */
import { type DataType, type Dim, isTensor } from "../../ir.ts";
import type { AttributesOf } from "../../operators.ts";
import type { Facts, InferContext, InferRule, InferRules } from "../facts.ts";
import { add, broadcast, divide, floorDiv, mul, named, product, sub } from "../size.ts";

/** Elements of an input, as whole numbers or sizes; undefined when unknown. */
export const elements = ({ x }: InferContext, index: number): readonly Dim[] | undefined => x[index]?.values;

/** Elements that are all numbers. */
export function integers(context: InferContext, index: number): readonly number[] | undefined {
  const values = elements(context, index);
  return values?.every((value) => typeof value === "number") ? (values as number[]) : undefined;
}

export const normalAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const withDims = (facts: Facts | undefined, dims: readonly Dim[] | undefined): Partial<Facts> => ({
  ...(facts && { type: facts.type }),
  ...(dims && { dims }),
});

const unknown = (rank: number, context: InferContext): readonly Dim[] =>
  Array.from({ length: rank }, (_, axis) => named(`${context.node.outputs[0]} ${axis}`));

/** Target of a Reshape: 0 copies a dimension, −1 takes what is left. */
function reshaped(context: InferContext): readonly Dim[] | undefined {
  const dims = context.x[0]?.dims;
  const target = elements(context, 1);
  const rank = context.x[1]?.dims?.[0];
  if (!target) return typeof rank === "number" ? unknown(rank, context) : undefined;
  const copied = target.map((dim, axis) => {
    if (dim !== 0 || context.attrs.allowzero === 1) return dim;
    return dims?.[axis] ?? named(`${context.node.outputs[0]} ${axis}`);
  });
  const open = copied.indexOf(-1);
  if (open < 0) return copied;
  const rest = product(copied.filter((_, axis) => axis !== open));
  const left = (dims && divide(product(dims), rest)) ?? named(`${context.node.outputs[0]} ${open}`);
  return copied.with(open, left);
}

function sliced(context: InferContext): readonly Dim[] | undefined {
  const dims = context.x[0]?.dims;
  if (!dims) return undefined;
  const starts = elements(context, 1);
  const ends = elements(context, 2);
  const axes = context.node.inputs[3] ? integers(context, 3) : starts?.map((_, i) => i);
  const steps = context.node.inputs[4] ? integers(context, 4) : starts?.map(() => 1);
  if (!starts || !ends || !axes || !steps) return unknown(dims.length, context);
  const result = [...dims];
  axes.forEach((axis, i) => {
    const at = normalAxis(axis, dims.length);
    result[at] = sliceLength(dims[at], starts[i], ends[i], steps[i]) ?? unknown(dims.length, context)[at];
  });
  return result;
}

/** Length of a slice; undefined where it depends on how a size compares with a bound. */
function sliceLength(dim: Dim, start: Dim, end: Dim, step: number): Dim | undefined {
  if (typeof dim === "number" && typeof start === "number" && typeof end === "number") {
    const [low, high] = step > 0 ? [0, dim] : [-1, dim - 1];
    const from = Math.min(Math.max(start < 0 ? start + dim : start, Math.max(low, 0)), high);
    const to = Math.min(Math.max(end < 0 ? end + dim : end, low), high);
    return Math.max(0, Math.ceil((to - from) / step));
  }
  if (step === -1 && start === -1 && typeof end === "number" && end < -(2 ** 31)) return dim;
  if (step < 1 || typeof start !== "number") return undefined;
  const toEnd = end === dim || (typeof end === "number" && end >= 2 ** 31 - 1);
  if (!toEnd && !(typeof end === "number" && end < 0)) return undefined;
  if (start < 0) return toEnd && step === 1 ? undefined : undefined;
  const length = sub(toEnd ? dim : add(dim, end), start);
  return step === 1 ? length : floorDiv(add(length, step - 1), step);
}

function splitSizes(context: InferContext<AttributesOf<"Split">>): readonly Dim[] | undefined {
  const dim = axisDim(context);
  const sizes = context.node.inputs[1] ? elements(context, 1) : undefined;
  if (sizes) return sizes;
  const count = Number(context.attrs.num_outputs ?? context.node.outputs.length);
  if (context.node.inputs[1] || dim === undefined) return undefined;
  if (typeof dim === "number") {
    const each = Math.ceil(dim / count);
    return Array.from({ length: count }, (_, i) => Math.min(each, dim - each * i));
  }
  const each = divide(dim, count);
  return each === undefined ? undefined : Array.from({ length: count }, () => each);
}

const axisDim = ({ x: [a], attrs }: InferContext<AttributesOf<"Split">>): Dim | undefined =>
  a?.dims?.[normalAxis(attrs.axis ?? 0, a.dims.length)];

const scaledBlocks =
  (factor: (block: number) => [number, number]): InferRule =>
  ({ x: [a], attrs }) => {
    if (!a?.dims) return [withDims(a, undefined)];
    const [n, c, h, w] = a.dims;
    const block = Number(attrs.blocksize);
    const [up, down] = factor(block);
    const side = (d: Dim) => floorDiv(mul(d, up), down);
    return [withDims(a, [n, floorDiv(mul(c, down * down), up * up), side(h), side(w)])];
  };

export const shapes = {
  Shape: ({ x: [a], attrs }) => {
    const dims = a?.dims?.slice(attrs.start ?? 0, attrs.end);
    return [{ type: "int64", ...(dims && { dims: [dims.length] }) }];
  },
  Size: () => [{ type: "int64", dims: [] }],
  NonZero: (context) => [
    {
      type: "int64",
      dims: [context.x[0]?.dims?.length ?? named(`${context.node.outputs[0]} 0`), named(context.node.outputs[0])],
    },
  ],
  ConstantOfShape: (context) => {
    const { value } = context.attrs;
    const rank = context.x[0]?.dims?.[0];
    const dims = elements(context, 0) ?? (typeof rank === "number" ? unknown(rank, context) : undefined);
    return [{ type: isTensor(value) ? value.type : "float32", ...(dims && { dims }) }];
  },
  Range: (context) => {
    const [start, limit, delta] = [0, 1, 2].map((i) => elements(context, i)?.[0]);
    const length =
      typeof start === "number" && typeof limit === "number" && typeof delta === "number"
        ? Math.max(0, Math.ceil((limit - start) / delta))
        : start !== undefined && limit !== undefined && delta === 1
          ? sub(limit, start)
          : named(context.node.outputs[0]);
    return [withDims(context.x[0], [length])];
  },
  Reshape: (context) => [withDims(context.x[0], reshaped(context))],
  Flatten: ({ x: [a], attrs }) => {
    if (!a?.dims) return [withDims(a, undefined)];
    const axis = normalAxis(attrs.axis ?? 1, a.dims.length);
    return [withDims(a, [product(a.dims.slice(0, axis)), product(a.dims.slice(axis))])];
  },
  Transpose: ({ x: [a], attrs }) => {
    const perm = attrs.perm ?? a?.dims?.map((_, i, { length }) => length - 1 - i);
    return [withDims(a, a?.dims && perm?.map((axis) => a.dims![axis]))];
  },
  Squeeze: (context) => {
    const dims = context.x[0]?.dims;
    const given = context.node.inputs[1] ? integers(context, 1) : dims?.flatMap((d, i) => (d === 1 ? [i] : []));
    const certain = context.node.inputs[1] || dims?.every((d) => typeof d === "number");
    const axes = dims && certain && given?.map((axis) => normalAxis(axis, dims.length));
    return [withDims(context.x[0], axes ? dims.filter((_, i) => !axes.includes(i)) : undefined)];
  },
  Unsqueeze: (context) => {
    const dims = context.x[0]?.dims;
    const given = integers(context, 1);
    if (!dims || !given) return [withDims(context.x[0], undefined)];
    const axes = given.map((axis) => normalAxis(axis, dims.length + given.length));
    const rest = [...dims];
    const result = Array.from({ length: dims.length + given.length }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!));
    return [withDims(context.x[0], result)];
  },
  Concat: (context) => {
    const all = context.x.map((facts) => facts?.dims);
    const first = all.find((dims) => dims);
    if (!first || !all.every((dims) => dims)) return [withDims(context.x[0], first && unknown(first.length, context))];
    const axis = normalAxis(context.attrs.axis ?? 0, first.length);
    return [withDims(context.x[0], first.with(axis, all.map((dims) => dims![axis]).reduce(add)))];
  },
  Split: (context) => {
    const [a] = context.x;
    if (!a?.dims) return context.node.outputs.map(() => withDims(a, undefined));
    const axis = normalAxis(context.attrs.axis ?? 0, a.dims.length);
    const sizes = splitSizes(context);
    return context.node.outputs.map((name, i) =>
      withDims(a, a.dims!.with(axis, sizes?.[i] ?? named(`${name} ${axis}`))),
    );
  },
  Slice: (context) => [withDims(context.x[0], sliced(context))],
  Gather: ({ x: [a, indices], attrs }) => {
    if (!a?.dims || !indices?.dims) return [withDims(a, undefined)];
    const axis = normalAxis(attrs.axis ?? 0, a.dims.length);
    return [withDims(a, [...a.dims.slice(0, axis), ...indices.dims, ...a.dims.slice(axis + 1)])];
  },
  GatherElements: ({ x: [a, indices] }) => [withDims(a, indices?.dims)],
  GatherND: ({ x: [a, indices], attrs }) => {
    const depth = indices?.dims?.at(-1);
    if (!a?.dims || !indices?.dims || typeof depth !== "number") return [withDims(a, undefined)];
    return [withDims(a, [...indices.dims.slice(0, -1), ...a.dims.slice((attrs.batch_dims ?? 0) + depth)])];
  },
  Expand: (context) => {
    const dims = context.x[0]?.dims;
    const rank = context.x[1]?.dims?.[0];
    const target = elements(context, 1) ?? (typeof rank === "number" ? unknown(rank, context) : undefined);
    return [withDims(context.x[0], dims && target && broadcast(dims, target))];
  },
  Tile: (context) => {
    const dims = context.x[0]?.dims;
    const repeats = elements(context, 1);
    return [
      withDims(
        context.x[0],
        dims && (repeats ? dims.map((d, i) => mul(d, repeats[i])) : unknown(dims.length, context)),
      ),
    ];
  },
  Pad: (context) => {
    const dims = context.x[0]?.dims;
    const pads = elements(context, 1);
    const axes = context.node.inputs[3] ? integers(context, 3) : dims?.map((_, i) => i);
    if (!dims) return [withDims(context.x[0], undefined)];
    if (!pads || !axes) return [withDims(context.x[0], unknown(dims.length, context))];
    const result = [...dims];
    axes.forEach((axis, i) => {
      const at = normalAxis(axis, dims.length);
      result[at] = add(dims[at], add(pads[i], pads[i + axes.length]));
    });
    return [withDims(context.x[0], result)];
  },
  DepthToSpace: scaledBlocks((block) => [block, 1]),
  SpaceToDepth: scaledBlocks((block) => [1, block]),
  OneHot: (context) => {
    const [indices, , values] = context.x;
    if (!indices?.dims) return [values ? { type: values.type } : {}];
    const axis = normalAxis(context.attrs.axis ?? -1, indices.dims.length + 1);
    const depth = elements(context, 1)?.[0] ?? named(context.node.outputs[0]);
    return [{ type: (values?.type ?? "float32") as DataType, dims: indices.dims.toSpliced(axis, 0, depth) }];
  },
  TopK: (context) => {
    const [a] = context.x;
    const k = elements(context, 1)?.[0];
    const dims = a?.dims?.with(
      normalAxis(context.attrs.axis ?? -1, a.dims.length),
      k ?? named(context.node.outputs[0]),
    );
    return [withDims(a, dims), { type: "int64", ...(dims && { dims }) }];
  },
} satisfies InferRules;
