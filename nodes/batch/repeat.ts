import { repeatEach } from "../../diffusion/index.ts";
import { facts, knownNumber } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "../tensors/meaning.ts";

export default defineNode({
  type: "guidegraph/repeat",
  version: 1,
  title: "Repeat",
  category: "batch",
  description: "Repeats each sample of a batch, so that several draws of one can be made and compared.",
  equation: "a, b → a, a, b, b",
  reference: "repeat_interleave, particles, best of n",
  inputs: {
    tensor: port.tensor(),
    times: port.number({ default: 4, min: 1, max: 4096, integer: true, help: "How often each sample comes." }),
  },
  outputs: { tensor: port.tensor({ help: "The repeats of a sample lie side by side." }) },
  infer: ({ tensor }, known) => {
    const { batch, channels, height, width } = tensor ?? {};
    const times = knownNumber(known.parameter("times"));
    const repeated = batch !== undefined && times !== undefined ? batch * times : undefined;
    return { tensor: { ...facts({ batch: repeated, channels, height, width }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, times }) => ({ tensor: repeatEach(tensor, times) }),
  draw: ({ tensor, times }, { op, shape }) => {
    const [, ...sample] = shape(tensor).map(Number);
    const repeated = op.Tile(op.Unsqueeze(tensor, op.int64([1])), op.int64([1, times.fixed, 1, 1, 1]));
    return { tensor: op.Reshape(repeated, op.int64([-1, ...sample])) };
  },
});
