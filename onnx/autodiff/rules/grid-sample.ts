/**
 * Gradients of GridSample (Jaderberg et al. 2015, "Spatial Transformer Networks", arXiv:1506.02025, eqs. 5–7). A sample
 * is Σ w₁(p₁)·w₂(p₂)·…·x[taps]: in each spatial axis a few neighbours ("taps") of the place p, weighted by an
 * interpolation kernel. x̄ puts ȳ back by the same weights; ḡ uses the weights' derivatives.
 */
import type { AttributesOf } from "../../operators.ts";
import type { GraphBuilder, Value } from "../../rewrite/builder.ts";
import type { RuleContext, Rules } from "../rule.ts";
import { cubicKernel, linearKernel } from "./kernels.ts";

/** One neighbour in one axis, for every sample: its index (float), its weight, and the weight's slope by the grid. */
interface Tap {
  readonly index: Value;
  readonly weight: Value;
  readonly slope: Value;
}

export const gridSample = {
  // y = θ·(p, 1) at every place p        θ̄ = Σ ȳ·(p, 1)ᵀ, the places being what θ = (1, 0) gives
  AffineGrid: (c) => {
    const { op, dy, attrs, shape, type } = c;
    const [theta, size] = c.x;
    const axes = shape(theta)?.[1];
    if (typeof axes !== "number") throw c.error("the number of axes is not known");
    const unit = Array.from({ length: axes * (axes + 1) }, (_, i) => Number(i % (axes + 2) === 0));
    const one = op.Concat(op.int64([1]), op.Slice(size, op.int64([1]), op.int64([axes + 2])), { axis: 0 });
    const places = op.AffineGrid(op.Cast(op.float(unit, [1, axes, axes + 1]), { to: type(theta) }), one, attrs);
    const flat = op.Transpose(op.Reshape(dy, op.int64([0, -1, axes])), { perm: [0, 2, 1] });
    const product = op.MatMul(flat, op.Reshape(places, op.int64([-1, axes])));
    return [op.Concat(product, op.ReduceSum(flat, op.int64([2])), { axis: 2 }), null];
  },

  // y = Σ w(p − q)·x[q] over the taps q of the place p
  //                                      x̄[q] += w(p − q)·ȳ        p̄ = Σ w′(p − q)·x[q]·ȳ, times the slope from grid to place
  GridSample: (c) => {
    const { op, dy, wants, rank, reshapeLike, shapeOf, zerosLike } = c;
    const [x, grid] = c.x;
    const axes = rank(x) - 2;
    const sizes = Array.from({ length: axes }, (_, i) => sizeOf(c, x, i + 2));
    // The grid names the last axis first. Its places become N×1×P, one per sample.
    const places = sizes.map((_, i) => {
      const along = op.Gather(grid, op.int64(axes - 1 - i), { axis: -1 });
      return op.Reshape(along, op.int64([0, 1, -1]));
    });
    const taps = places.map((place, i) => tapsOf(c, place, sizes[i]));
    const flat = (value: Value): Value => op.Reshape(value, op.int64([0, 0, -1]));
    const [from, dySamples] = [flat(x), flat(dy)]; // N×C×(H·W), N×C×P
    let back = zerosLike(from);
    const toGrid: Value[][] = sizes.map(() => []);
    for (const choice of combinations(taps)) {
      const { index, inside } = flatIndex(c, choice, sizes);
      const spread = op.Expand(index, op.Shape(dySamples));
      const part = (factors: readonly Value[]): Value => {
        const product = factors.reduce((a, b) => op.Mul(a, b));
        return inside ? op.Where(inside, product, 0) : product;
      };
      if (wants[0]) {
        const values = op.Mul(dySamples, part(choice.map(({ weight }) => weight)));
        back = op.ScatterElements(back, spread, values, { axis: 2, reduction: "add" });
      }
      if (wants[1]) {
        const along = op.ReduceSum(op.Mul(dySamples, op.GatherElements(from, spread, { axis: 2 })), op.int64([1]));
        for (const [axis, list] of toGrid.entries())
          list.push(op.Mul(along, part(choice.map(({ weight, slope }, i) => (i === axis ? slope : weight)))));
      }
    }
    const gridShape = op.Concat(op.Slice(shapeOf(grid), op.int64([0]), op.int64([-1])), op.int64([1]), { axis: 0 });
    const inGridOrder = toGrid.toReversed();
    return [
      wants[0] ? reshapeLike(back, x) : null,
      wants[1]
        ? op.Concat(
            ...inGridOrder.map((list) =>
              op.Reshape(
                list.reduce((a, b) => op.Add(a, b)),
                gridShape,
              ),
            ),
            { axis: -1 },
          )
        : null,
    ];
  },
} satisfies Rules;

/** Length of an axis as a float scalar. */
function sizeOf({ op, shapeOf, type }: RuleContext, x: Value, axis: number): Value {
  return op.Cast(op.Gather(shapeOf(x), op.int64(axis)), { to: type(x) });
}

/** The neighbours of a place along an axis of length n. Without align_corners −1 and 1 are the outer edges of pixels. */
function tapsOf(c: RuleContext<AttributesOf<"GridSample">>, place: Value, n: Value): readonly Tap[] {
  const { op, attrs } = c;
  const aligned = attrs.align_corners === 1;
  const mode = (attrs.mode ?? "linear").replace("bilinear", "linear").replace("bicubic", "cubic");
  const padding = attrs.padding_mode ?? "zeros";
  const half = op.Mul(aligned ? op.Sub(n, 1) : n, 0.5);
  const middle = op.Mul(op.Sub(n, 1), 0.5);
  const at = op.Add(op.Mul(place, half), middle);
  if (mode === "cubic") {
    // Places are left where they are; each neighbour is moved inside.
    const first = op.Floor(at);
    const t = op.Sub(at, first);
    return [-1, 0, 1, 2].map((offset) => {
      const { weight, slope } = cubicKernel(op, op.Sub(t, offset), Math.abs(offset * 2 - 1) === 1, -0.75);
      const index = op.Add(first, offset);
      return { index: placed(c, index, n, padding, aligned).at, weight, slope: op.Mul(slope, half) };
    });
  }
  const { at: inside, slope: moved } = placed(c, mode === "nearest" ? op.Round(at) : at, n, padding, aligned);
  if (mode === "nearest") return [{ index: inside, weight: op.float(1), slope: op.float(0) }];
  const first = op.Floor(inside);
  const t = op.Sub(inside, first);
  return [0, 1].map((offset) => {
    const { weight, slope } = linearKernel(op, t, offset);
    return { index: op.Add(first, offset), weight, slope: op.Mul(slope, moved ? op.Mul(moved, half) : half) };
  });
}

/** A place brought inside the picture by border or reflection, and the slope of that. */
function placed(
  { op }: RuleContext,
  at: Value,
  n: Value,
  padding: string,
  aligned: boolean,
): { at: Value; slope?: Value } {
  if (padding === "zeros") return { at };
  const last = op.Sub(n, 1);
  if (padding === "border") {
    const outside = op.Or(op.Less(at, 0), op.Greater(at, last));
    return { at: clamped(op, at, last), slope: op.Where(outside, 0, 1) };
  }
  // A triangle wave between the outer pixels' centres, or their edges.
  const low = aligned ? 0 : -0.5;
  const span = aligned ? last : n;
  const distance = op.Sub(at, low);
  const folds = op.Floor(op.Div(op.Abs(distance), span));
  const rest = op.Sub(op.Abs(distance), op.Mul(folds, span));
  const odd = op.Equal(op.Sub(folds, op.Mul(op.Floor(op.Mul(folds, 0.5)), 2)), 1);
  const folded = op.Add(op.Where(odd, op.Sub(span, rest), rest), low);
  const direction = op.Mul(op.Where(odd, -1, 1), op.Sign(distance));
  const outside = op.Or(op.Less(folded, 0), op.Greater(folded, last));
  return { at: clamped(op, folded, last), slope: op.Where(outside, 0, direction) };
}

const clamped = (op: GraphBuilder, at: Value, last: Value): Value => op.Min(op.Max(at, 0), last);

/** Index into the flattened axes, and, where some neighbours lie outside, which do not. */
function flatIndex({ op }: RuleContext, choice: readonly Tap[], sizes: readonly Value[]) {
  const insides = choice.map(({ index }, i) => op.And(op.Greater(index, -0.5), op.Less(index, op.Sub(sizes[i], 0.5))));
  const index = choice
    .map(({ index }, i) => clamped(op, index, op.Sub(sizes[i], 1)))
    .reduce((all, index, i) => op.Add(op.Mul(all, sizes[i]), index));
  return { index: op.Cast(index, { to: "int64" }), inside: insides.reduce((a, b) => op.And(a, b)) };
}

/** Every way to take one tap per axis. */
const combinations = (taps: readonly (readonly Tap[])[]): readonly (readonly Tap[])[] =>
  taps.reduce<readonly (readonly Tap[])[]>((all, axis) => all.flatMap((c) => axis.map((tap) => [...c, tap])), [[]]);
