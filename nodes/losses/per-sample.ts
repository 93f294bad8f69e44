/** What the nodes that give one number a sample share. */
import type { Tensor } from "../../diffusion/index.ts";
import { encodeMask } from "../../diffusion/index.ts";
import { facts } from "../checks.ts";
import type { Drawing, DrawnOf, Value } from "../drawing.ts";
import * as port from "../port.ts";
import { channelsOf } from "../prediction/drawn.ts";
import type { Size } from "../size.ts";

/** N×1×1×1. */
export const oneEach = ({ batch }: Size = {}): Size => ({ ...facts({ batch }), channels: 1, height: 1, width: 1 });

export const comparedInputs = {
  tensor: port.tensor(),
  target: port.tensor({ help: "Of the same shape; one sample serves all." }),
  mask: port.image({ optional: true, help: "White counts, black does not: one picture for all, or one a sample." }),
};

/** A mask of one picture serves all, whatever its channels. */
export const maskSize = (mask: Size = {}, { batch, channels }: Size): Size =>
  facts({
    height: mask.height,
    width: mask.width,
    batch: mask.batch === 1 ? batch : mask.batch,
    channels: mask.channels === 1 || mask.channels === 3 ? channels : mask.channels,
  });

export const weightsOf = (mask: Parameters<typeof encodeMask>[0] | undefined, { dims }: Tensor): Tensor | undefined =>
  mask && encodeMask(mask, dims[1]);

/** 1, or the mask's weights, and what they sum to for each sample. */
export function drawnWeights(
  drawing: Drawing,
  mask: DrawnOf<"image"> | undefined,
  like: Value,
): { readonly weights: Value; readonly total: Value } {
  const { op } = drawing;
  const weights = mask?.weights(channelsOf(drawing, like)) ?? op.float(1);
  const all = op.Expand(weights, op.Shape(like));
  return { weights, total: op.ReduceSum(all, op.int64([1, 2, 3])) };
}

/** Sums over each sample: N×1×1×1. */
export const summed = ({ op }: Drawing, x: Value): Value => op.ReduceSum(x, op.int64([1, 2, 3]));
