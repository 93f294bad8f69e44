import { repeatAll, repeatEach } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "../tensors/meaning.ts";
import { repeatOrder } from "./repeat-order.ts";

export default defineNode({
  type: "guidegraph/repeat",
  version: 1,
  title: "Repeat",
  category: "batch",
  description:
    "Repeats the samples of a batch, so that several draws of each can be made and compared, or all with all others.",
  equation: "a, b → a, a, b, b or a, b, a, b",
  reference: "repeat_interleave, tile, particles, best of n, pairs",
  inputs: {
    tensor: port.tensor(),
    times: port.number({ default: 4, min: 1, max: 4096, integer: true, help: "How often each sample comes." }),
    order: repeatOrder,
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const { batch, channels, height, width } = tensor ?? {};
    const times = knownNumber(known.parameter("times"));
    const repeated = batch !== undefined && times !== undefined ? batch * times : undefined;
    return { tensor: { ...facts({ batch: repeated, channels, height, width }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, times, order }) => ({
    tensor: order === "all" ? repeatAll(tensor, times) : repeatEach(tensor, times),
  }),
  draw: ({ tensor, times, order }, { op, shape }) => {
    if (order === "all") return { tensor: op.Tile(tensor, op.int64([times.fixed, 1, 1, 1])) };
    const [, ...sample] = shape(tensor).map(Number);
    const repeated = op.Tile(op.Unsqueeze(tensor, op.int64([1])), op.int64([1, times.fixed, 1, 1, 1]));
    return { tensor: op.Reshape(repeated, op.int64([-1, ...sample])) };
  },
});
