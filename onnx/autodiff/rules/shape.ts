/** Gradients of operators that move, cut and join values. */
import type { AttributesOf } from "../../operators.ts";
import type { Value } from "../../rewrite/builder.ts";
import { normalAxis } from "../../shapes/rules/shape.ts";
import type { Rule, RuleContext, Rules } from "../rule.ts";

/** The gradient in the shape of x. */
const regrouped: Rule = ({ dy, x: [x], reshapeLike }) => [reshapeLike(dy, x), null];

export const shape = {
  // y is x in another shape: so is the gradient
  Reshape: regrouped,

  // y is x as a matrix
  Flatten: regrouped,

  // y is x without axes of length 1
  Squeeze: regrouped,

  // y is x with more axes of length 1
  Unsqueeze: regrouped,

  // y is x with its axes in another order: the inverse order leads back
  Transpose: ({ op, dy, attrs, rank }) => {
    const perm = attrs.perm;
    if (!perm) return [op.Transpose(dy)];
    return [op.Transpose(dy, { perm: Array.from({ length: rank(dy) }, (_, axis) => perm.indexOf(axis)) })];
  },

  // y repeats x: the walk sums the repetitions
  Expand: ({ dy }) => [dy, null],

  // y is the inputs side by side: each gets its slice back
  Concat: ({ op, dy, x, attrs, shapeOf, rank }) => {
    if (x.length === 1) return [dy];
    const axis = normalAxis(Number(attrs.axis), rank(dy));
    const lengths = x.map((value) => op.Slice(shapeOf(value), op.int64([axis]), op.int64([axis + 1])));
    return op.add("Split", [dy, op.Concat(...lengths, { axis: 0 })], { axis }, x.length);
  },

  // the outputs are slices of x: their gradients, zeros for unused ones, lie side by side
  Split: ({ op, dys, ys, attrs, zerosLike }) => [
    op.Concat(...dys.map((dy, index) => dy ?? zerosLike(ys[index])), { axis: attrs.axis ?? 0 }),
    null,
  ],

  // y is a part of x: the rest gets zeros
  Slice: (c) => {
    const { op, numbers, rank } = c;
    const [x, starts, ends, axes, steps] = c.x;
    const given = numbers(starts);
    const count = given?.length ?? numbers(axes ?? "")?.length ?? Number(c.shape(starts)?.[0] ?? Number.NaN);
    const at = axes ? numbers(axes) : Array.from({ length: count }, (_, i) => i);
    const known = steps ? numbers(steps) : [];
    if (!at || Number.isNaN(count) || !known) return [byPlaces(c, c.dy, (places) => op.Slice(places, ...c.x.slice(1)))];
    const one = (list: Value, i: number): Value => op.Slice(asInt64(c, list), op.int64([i]), op.int64([i + 1]));
    let dx = c.dy;
    // Backwards over the axes, each slice undone along its own.
    for (const [i, axis] of at.entries()) {
      const step = steps ? known[i] : 1;
      const length = lengthOf(c, x, normalAxis(axis, rank(x)));
      const positions = op.Slice(range(c, length), one(starts, i), one(ends, i), op.int64([0]), op.int64([step]));
      dx = step === 1 ? surrounded(c, dx, axis, length, positions) : scattered(c, dx, axis, length, positions);
    }
    return [dx, null, null, null, null];
  },

  // y picks entries of x, some perhaps more than once: x̄[j] = Σ ȳ[i] over the i that picked j
  Gather: (c) => {
    const { op, dy, attrs, rank, reshapeLike, numbers } = c;
    const [x, indices] = c.x;
    const axis = normalAxis(attrs.axis ?? 0, rank(x));
    const picked = rank(indices);
    const length = lengthOf(c, x, axis);
    // One axis of picked entries, whatever shape the indices have.
    const flat = asInt64(c, picked === 1 ? indices : op.Reshape(indices, op.int64([-1])));
    const joined =
      picked === 1 ? dy : picked === 0 ? op.Unsqueeze(dy, op.int64([axis])) : reshaped(c, dy, axis, picked);
    const single = numbers(indices)?.length === 1;
    const positions = op.Mod(flat, length);
    return [
      reshapeLike(
        single ? surrounded(c, joined, axis, length, positions) : scattered(c, joined, axis, length, positions),
        x,
      ),
      null,
    ];
  },

  // y is x with a border: the border's gradient is dropped
  Pad: (c) => {
    const { op, attrs, rank, wants } = c;
    const [x, pads, , axes] = c.x;
    const at = axes ? c.numbers(axes) : Array.from({ length: rank(x) }, (_, i) => i);
    if ((attrs.mode ?? "constant") !== "constant" && at) return [unmirrored(c, at)];
    const widths = c.numbers(pads);
    const isConstant = (attrs.mode ?? "constant") === "constant";
    const sum = (value: Value): Value => op.ReduceSum(value, null, { keepdims: 0 });
    const ofValue = (dx: Value): Value | null =>
      isConstant && wants[2] ? c.reshapeLike(op.Sub(sum(c.dy), sum(dx)), c.x[2]) : null;
    if (!widths || !at) {
      const dx = byPlaces(c, c.dy, (places) => op.Pad(places, pads, op.int64(0), axes ?? null, { mode: attrs.mode }));
      return [dx, null, ofValue(dx), null];
    }
    let dx = c.dy;
    for (const [i, axis] of at.entries()) {
      const [before, after] = [widths[i], widths[i + at.length]];
      const end = after > 0 ? -after : 2 ** 31 - 1;
      if (before > 0 || after > 0)
        dx = op.Slice(dx, op.int64([Math.max(before, 0)]), op.int64([end]), op.int64([axis]));
      // A negative border cuts x off.
      if (before < 0) dx = op.Concat(zeros(c, dx, axis, op.int64([-before])), dx, { axis });
      if (after < 0) dx = op.Concat(dx, zeros(c, dx, axis, op.int64([-after])), { axis });
    }
    return [dx, null, ofValue(dx), null];
  },
} satisfies Rules;

/**
 * dy back to the places of x that it came from, told by moving the places themselves, counted from 1, as the operator moved
 * the values: for bounds that are known only at run time. What comes from no place has 0.
 */
function byPlaces(c: RuleContext, dy: Value, move: (places: Value) => Value): Value {
  const { op, x, shapeOf, reshapeLike } = c;
  const end = op.int64([-1]);
  const count = op.Size(x[0]);
  const places = op.Reshape(op.Range(op.int64(1), op.Add(count, op.int64(1)), op.int64(1)), shapeOf(x[0]));
  const length = op.Unsqueeze(op.Add(count, op.int64(1)), op.int64([0]));
  const zeros = op.Expand(op.Cast(0, { to: c.type(dy) }), length);
  const added = op.ScatterElements(zeros, op.Reshape(move(places), end), op.Reshape(dy, end), {
    axis: 0,
    reduction: "add",
  });
  return reshapeLike(op.Slice(added, op.int64([1]), length), x[0]);
}

/** The border of modes reflect, edge and wrap repeats values of x: its gradient goes back to them, axis by axis. */
function unmirrored(c: RuleContext<AttributesOf<"Pad">>, axes: readonly number[]): Value {
  const { op, attrs, numbers, rank } = c;
  const [x, pads] = c.x;
  const widths = numbers(pads);
  let dx = c.dy;
  for (const [i, raw] of axes.entries()) {
    const ends = [i, i + axes.length];
    if (widths && ends.every((end) => widths[end] === 0)) continue;
    const axis = normalAxis(raw, rank(x));
    const length = lengthOf(c, x, axis);
    const picked = op.Gather(pads, op.int64(ends));
    dx = scattered(c, dx, axis, length, op.Pad(range(c, length), picked, { mode: attrs.mode }));
  }
  return dx;
}

/** Indices and bounds may be int32 too. */
export const asInt64 = ({ op, type }: RuleContext, index: Value): Value =>
  type(index) === "int64" ? index : op.Cast(index, { to: "int64" });

/** Length of an axis, int64 of shape [1]. */
export function lengthOf({ op, shape, shapeOf }: RuleContext, x: Value, axis: number): Value {
  const dim = shape(x)?.[axis];
  return typeof dim === "number" ? op.int64([dim]) : op.Slice(shapeOf(x), op.int64([axis]), op.int64([axis + 1]));
}

/** 0, 1, … length − 1. */
export function range({ op, numbers }: RuleContext, length: Value): Value {
  const known = numbers(length)?.[0];
  if (known !== undefined) return op.int64(Array.from({ length: known }, (_, i) => i));
  return op.Range(op.int64(0), op.Squeeze(length, op.int64([0])), op.int64(1));
}

/** Zeros of dy's shape, but `length` long in `axis`. */
function zeros({ op, shape, shapeOf, type, rank }: RuleContext, dy: Value, axis: number, length: Value): Value {
  const dims = op.Concat(
    ...Array.from({ length: rank(dy) }, (_, i) =>
      i === normalAxis(axis, rank(dy))
        ? length
        : typeof shape(dy)?.[i] === "number"
          ? op.int64([Number(shape(dy)![i])])
          : op.Slice(shapeOf(dy), op.int64([i]), op.int64([i + 1])),
    ),
    { axis: 0 },
  );
  return op.Expand(type(dy) === "float32" ? 0 : op.Cast(0, { to: type(dy) }), dims);
}

/**
 * dy at consecutive positions of a longer axis, zeros around it. By Concat, never Pad: onnxruntime 1.30 fuses a Pad into
 * the next convolution, and its 1-D WebGPU convolution with kernel 1 and pads is wrong.
 */
function surrounded(c: RuleContext, dy: Value, axis: number, length: Value, positions: Value): Value {
  const { op } = c;
  const known = c.numbers(positions);
  const before = known ? op.int64([known[0] ?? 0]) : op.Slice(positions, op.int64([0]), op.int64([1]));
  const own = lengthOf(c, dy, normalAxis(axis, c.rank(dy)));
  const total = c.numbers(length)?.[0];
  const covered = c.numbers(own)?.[0];
  const after =
    known && total !== undefined && covered !== undefined
      ? op.int64([total - covered - (known[0] ?? 0)])
      : op.Sub(op.Sub(length, own), before);
  const parts = [
    ...(c.numbers(before)?.[0] === 0 ? [] : [zeros(c, dy, axis, before)]),
    dy,
    ...(c.numbers(after)?.[0] === 0 ? [] : [zeros(c, dy, axis, after)]),
  ];
  return parts.length === 1 ? dy : op.Concat(...parts, { axis });
}

/** dy summed into the given positions of an axis: a product with the matrix that is 1 where position i is j. */
function scattered(c: RuleContext, dy: Value, axis: number, length: Value, positions: Value): Value {
  const { op, type, rank } = c;
  const hits = op.Equal(op.Unsqueeze(positions, op.int64([1])), op.Unsqueeze(range(c, length), op.int64([0])));
  return contracted(c, dy, normalAxis(axis, rank(dy)), op.Cast(hits, { to: type(dy) }));
}

/** Multiplies one axis of dy by a matrix: Σᵢ ȳ[…, i, …]·m[i, j]. */
export function contracted({ op, rank }: RuleContext, dy: Value, axis: number, matrix: Value): Value {
  const last = rank(dy) - 1;
  if (axis === last) return op.MatMul(dy, matrix);
  const order = Array.from({ length: last + 1 }, (_, i) => (i === axis ? last : i === last ? axis : i));
  return op.Transpose(op.MatMul(op.Transpose(dy, { perm: order }), matrix), { perm: order });
}

/** Joins the `count` axes from `axis` on into one. */
function reshaped({ op, shape, shapeOf, rank }: RuleContext, dy: Value, axis: number, count: number): Value {
  const dims = shape(dy);
  const outer = dims?.filter((_, i) => i < axis || i >= axis + count);
  if (outer?.every((dim) => typeof dim === "number"))
    return op.Reshape(dy, op.int64([...(outer as number[]).slice(0, axis), -1, ...(outer as number[]).slice(axis)]));
  const all = shapeOf(dy);
  const part = (from: number, to: number): Value => op.Slice(all, op.int64([from]), op.int64([to]));
  const target = op.Concat(part(0, axis), op.int64([-1]), part(axis + count, rank(dy)), { axis: 0 });
  return op.Reshape(dy, target);
}
