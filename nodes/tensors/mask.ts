import { blend, broadcastBatch, encodeMask } from "../../diffusion/index.ts";
import { atPort, broadcastSize, facts, sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { channelsOf } from "../prediction/drawn.ts";
import type { Size } from "../size.ts";
import { sameMeaning, sumMeaning } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/mask",
  version: 1,
  title: "Mask",
  category: "tensors",
  description: "Keeps a tensor where the mask is white, and another one, or zero, where it is black.",
  equation: "m · x + (1 − m) · x′",
  reference: "inpainting, RePaint",
  inputs: {
    tensor: port.tensor({ help: "Where the mask is white." }),
    mask: port.image({ help: "One picture for all, or one a sample; grey mixes." }),
    other: port.tensor({ optional: true, help: "Where the mask is black; left out, zero. One sample serves all." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor, mask, other }) => {
    const size = broadcastSize({ tensor, other });
    sameSize({ tensor: size, mask: maskSize(mask, size) });
    return { tensor: { ...size, ...(other ? sumMeaning(tensor, other) : sameMeaning(tensor)) } };
  },
  run: ({ tensor, mask, other }) => {
    const [x, y] = other ? broadcastBatch(tensor, other) : [tensor];
    return { tensor: atPort("mask", () => blend(x, encodeMask(mask, x.dims[1]), y)) };
  },
  draw: ({ tensor, mask, other }, drawing) => {
    const { op } = drawing;
    const m = mask.weights(channelsOf(drawing, tensor));
    const kept = op.Mul(m, tensor);
    return { tensor: other === undefined ? kept : op.Add(kept, op.Mul(op.Sub(1, m), other)) };
  },
});

/** A mask of one picture serves every sample; its channels are made to fit, unless they are of another number. */
function maskSize(mask: Size = {}, { batch, channels }: Size): Size {
  return facts({
    height: mask.height,
    width: mask.width,
    batch: mask.batch === 1 ? batch : mask.batch,
    channels: mask.channels === 1 || mask.channels === 3 ? channels : mask.channels,
  });
}
