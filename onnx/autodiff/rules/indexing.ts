/** Gradients of operators that pick values by index, put them by index, order, repeat or accumulate them. */
import type { AttributesOf } from "../../operators.ts";
import type { Value } from "../../rewrite/builder.ts";
import { normalAxis } from "../../shapes/rules/shape.ts";
import type { RuleContext, Rules } from "../rule.ts";

/** Which values a Scatter with reduction max or min has kept, and the gradient shared among them. */
function sharedScatter(c: RuleContext, gather: (from: Value) => Value, add: (to: Value, values: Value) => Value) {
  const { op, x, y, type } = c;
  const to = type(y);
  const kept = op.Equal(x[0], y);
  const put = op.Equal(x[2], gather(y));
  const share = op.Div(c.dy, add(op.Cast(kept, { to }), op.Cast(put, { to })));
  return [op.Where(kept, share, 0), null, op.Where(put, gather(share), 0)];
}

/** The rule of both scatters, given how to gather at their places and to scatter there. */
function scatterRule(
  c: RuleContext,
  gather: (from: Value) => Value,
  scatter: (to: Value, values: Value, reduction: string) => Value,
) {
  const { op, dy, x, attrs } = c;
  switch (attrs.reduction ?? "none") {
    case "none":
      return [scatter(dy, c.zerosLike(x[2]), "none"), null, gather(dy)];
    case "add":
      return [dy, null, gather(dy)];
    case "max":
    case "min":
      return sharedScatter(c, gather, (to, values) => scatter(to, values, "add"));
    case "mul": {
      // Each place holds a product of its value and the updates; the other factors are found by dividing.
      const others = op.Div(op.Mul(gather(dy), gather(c.y)), x[2]);
      return [scatter(dy, x[2], "mul"), null, others];
    }
    default:
      throw c.error(`reduction "${attrs.reduction}" is not known`);
  }
}

/** Indices of GatherND with those of its batch dimensions written out in front. */
function withBatchIndices({ op, rank, x: [, indices], attrs }: RuleContext<AttributesOf<"GatherND">>): Value {
  const batch = attrs.batch_dims ?? 0;
  if (batch === 0) return indices;
  const outer = rank(indices) - 1;
  const shape = op.Shape(indices, { end: outer });
  const column = op.Concat(shape, op.int64([1]), { axis: 0 });
  const counters = Array.from({ length: batch }, (_, axis) => {
    const length = op.Squeeze(op.Slice(shape, op.int64([axis]), op.int64([axis + 1])), op.int64([0]));
    const along = Array.from({ length: outer + 1 }, (_, i) => (i === axis ? -1 : 1));
    return op.Expand(op.Reshape(op.Range(op.int64(0), length, op.int64(1)), op.int64(along)), column);
  });
  return op.Concat(...counters, indices, { axis: -1 });
}

export const indexing = {
  // y[i] = x[k[i]] along an axis     x̄[k[i]] += ȳ[i]
  GatherElements: ({ op, dy, x: [x, indices], attrs, zerosLike }) => [
    op.ScatterElements(zerosLike(x), indices, dy, { axis: attrs.axis, reduction: "add" }),
  ],

  // y[i] = x[k[i]]                   x̄[k[i]] += ȳ[i]
  GatherND: (c) => [c.op.ScatterND(c.zerosLike(c.x[0]), withBatchIndices(c), c.dy, { reduction: "add" })],

  // y = x, y[k[i]] = u[i] along an axis      x̄ = ȳ, x̄[k[i]] = 0      ū[i] = ȳ[k[i]]
  ScatterElements: (c) => {
    const { op, x, attrs } = c;
    const { axis } = attrs;
    return scatterRule(
      c,
      (from) => op.GatherElements(from, x[1], { axis }),
      (to, values, reduction) => op.ScatterElements(to, x[1], values, { axis, reduction }),
    );
  },

  // y = x, y[k[i]] = u[i]            x̄ = ȳ, x̄[k[i]] = 0      ū[i] = ȳ[k[i]]
  ScatterND: (c) => {
    const { op, x } = c;
    return scatterRule(
      c,
      (from) => op.GatherND(from, x[1]),
      (to, values, reduction) => op.ScatterND(to, x[1], values, { reduction }),
    );
  },

  // y = the x[i] whose c[i] holds    x̄[i] = c[i] ? ȳ[number of c before i] : 0
  Compress: ({ op, dy, x: [x, condition], attrs, rank, shape, shapeOf, reshapeLike }) => {
    const flat = attrs.axis === undefined;
    const axis = flat ? 0 : normalAxis(Number(attrs.axis), rank(x));
    const length = flat ? op.Size(x) : op.Squeeze(op.Slice(shapeOf(x), op.int64([axis]), op.int64([axis + 1])));
    // The condition may be shorter than the axis; what lies beyond it is not taken.
    const given = op.Cast(condition, { to: "int64" });
    const missing = op.Sub(op.Unsqueeze(length, op.int64([0])), op.Shape(condition));
    const taken = op.Concat(given, op.ConstantOfShape(missing, { value: zeroInt64 }), { axis: 0 });
    const place = op.CumSum(taken, op.int64(0), { exclusive: 1 });
    const last = op.Sub(op.ReduceSum(taken, null, { keepdims: 0 }), op.int64(1));
    const spread = op.Gather(dy, op.Min(place, last), { axis });
    const along = Array.from({ length: flat ? 1 : (shape(x)?.length ?? 1) }, (_, i) => (i === axis ? -1 : 1));
    const mask = op.Reshape(op.Cast(taken, { to: "bool" }), op.int64(along));
    return [reshapeLike(op.Where(mask, spread, 0), x)];
  },

  // y = x[k], k where each value (or slice) is first    x̄[k] = ȳ        (values that are equal count as the first of them)
  Unique: ({ op, dy, x: [x], ys, attrs, rank, reshapeLike, zerosLike }) => {
    const first = ys[1] || op.add("Unique", [x], attrs, 2)[1];
    if (attrs.axis === undefined) {
      const flat = op.Reshape(zerosLike(x), op.int64([-1]));
      return [reshapeLike(op.ScatterElements(flat, first, dy, { axis: 0 }), x)];
    }
    const axis = normalAxis(attrs.axis, rank(x));
    const perm = Array.from({ length: rank(x) }, (_, i) => (i === 0 ? axis : i === axis ? 0 : i));
    const turned = (value: Value): Value => op.Transpose(value, { perm });
    return [turned(op.ScatterND(turned(zerosLike(x)), op.Unsqueeze(first, op.int64([1])), turned(dy)))];
  },

  // y = the k largest along an axis  x̄[k[i]] = ȳ[i]
  TopK: ({ op, dy, x, ys, attrs, zerosLike }) => {
    const indices = ys[1] || op.add("TopK", x, attrs, 2)[1];
    return [op.ScatterElements(zerosLike(x[0]), indices, dy, { axis: attrs.axis ?? -1 })];
  },

  // yᵢ = Σ_{j ≤ i} xⱼ                x̄ⱼ = Σ_{i ≥ j} ȳᵢ
  CumSum: ({ op, dy, x: [, axis], attrs }) => [
    op.CumSum(dy, axis, { exclusive: attrs.exclusive, reverse: attrs.reverse === 1 ? 0 : 1 }),
  ],

  // y = the triangle of x            x̄ = the triangle of ȳ
  Trilu: ({ op, dy, x: [, k], attrs }) => [op.Trilu(dy, k || null, attrs)],

  // y = x, r times along each axis   x̄ = Σ over the copies
  Tile: ({ op, dy, x: [x, repeats], rank, shapeOf }) => {
    const axes = Array.from({ length: rank(x) }, (_, axis) => 2 * axis);
    const pairs = op.Concat(op.Unsqueeze(repeats, op.int64([1])), op.Unsqueeze(shapeOf(x), op.int64([1])), { axis: 1 });
    const apart = op.Reshape(dy, op.Reshape(pairs, op.int64([-1])));
    return [op.ReduceSum(apart, op.int64(axes), { keepdims: 0 })];
  },

  // y = blocks of channels as pixels x̄ = pixels back to channels
  DepthToSpace: ({ op, dy, x: [x], attrs, shape, error }) => {
    const blocks = Number(attrs.blocksize) ** 2;
    const columns = op.SpaceToDepth(dy, { blocksize: attrs.blocksize });
    if (attrs.mode !== "CRD") return [columns];
    // SpaceToDepth puts the place in the block first; CRD wants the channel first.
    const channels = shape(x)?.[1];
    if (typeof channels !== "number") throw error("the number of channels is not known");
    const order = Array.from(
      { length: channels },
      (_, c) => (c % blocks) * (channels / blocks) + Math.floor(c / blocks),
    );
    return [op.Gather(columns, op.int64(order), { axis: 1 })];
  },

  // y = pixels as channels           x̄ = channels back to pixels
  SpaceToDepth: ({ op, dy, attrs }) => [op.DepthToSpace(dy, { blocksize: attrs.blocksize, mode: "DCR" })],

  // y = x with its first l steps reversed: its own inverse
  ReverseSequence: ({ op, dy, x: [, lengths], attrs }) => [op.ReverseSequence(dy, lengths, attrs)],

  // y = x cut or padded around its centre    x̄ = ȳ padded or cut in the same way
  CenterCropPad: ({ op, dy, x: [x], attrs, shapeOf }) => {
    const axes = attrs.axes;
    return [op.CenterCropPad(dy, axes ? op.Gather(shapeOf(x), op.int64(axes)) : shapeOf(x), attrs)];
  },

  // y = on at one place of each, off elsewhere       for the two values: sums over their places
  OneHot: ({ op, dy, x: [indices, depth, values], attrs, wants, zerosLike }) => {
    // Indices and depth may be floats; what they choose changes by steps.
    const chosen = [wants[0] ? zerosLike(indices) : null, wants[1] ? zerosLike(depth) : null];
    if (!wants[2]) return chosen;
    const hot = op.OneHot(indices, depth, op.float([0, 1]), { axis: attrs.axis ?? -1 });
    const on = op.ReduceSum(op.Mul(dy, hot), null, { keepdims: 0 });
    const off = op.Sub(op.ReduceSum(dy, null, { keepdims: 0 }), on);
    const both = op.Concat(op.Unsqueeze(off, op.int64([0])), op.Unsqueeze(on, op.int64([0])), { axis: 0 });
    return [...chosen, op.Add(both, zerosLike(values))];
  },
} satisfies Rules;

const zeroInt64 = { type: "int64", dims: [1], data: new Uint8Array(8) } as const;
