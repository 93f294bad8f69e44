import { broadcastBatch, difference, overChannels } from "../../diffusion/index.ts";
import { broadcastSize, facts } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/difference",
  version: 1,
  title: "Difference",
  category: "tensors",
  description: "Says how much two tensors differ at each place, as numbers.",
  equation: "|a − b|",
  reference: "anomaly map, residual, error map, subtract",
  inputs: {
    a: port.tensor(),
    b: port.tensor({ help: "One sample serves all." }),
    signed: port.boolean({ default: false, help: "a − b, which tells more from less." }),
    channels: port.text({
      default: "each",
      choices: ["each", "sum", "mean"],
      help: "each by itself; or one number a pixel, which Colour Map shows.",
    }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ a, b }, known) => {
    const { channels, ...size } = broadcastSize({ a, b });
    const over = known.parameter("channels");
    return { tensor: facts({ ...size, channels: over === "each" ? channels : over === undefined ? undefined : 1 }) };
  },
  run: ({ a, b, signed, channels }) => {
    const each = difference(...broadcastBatch(a, b), signed);
    return { tensor: channels === "each" ? each : overChannels(each, channels as "sum" | "mean") };
  },
  draw: ({ a, b, signed, channels }, { op }) => {
    const apart = op.Sub(a, b);
    const each = signed ? apart : op.Abs(apart);
    if (channels === "each") return { tensor: each };
    return { tensor: (channels === "sum" ? op.ReduceSum : op.ReduceMean)(each, op.int64([1])) };
  },
});
