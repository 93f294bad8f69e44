import { batchLayouts, type Layout, toLayout, wantLayout } from "../../diffusion/index.ts";
import { atPort, sameSize } from "../checks.ts";
import type { TensorFile } from "../context.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { renamed } from "../safe-stem.ts";
import { savedTensor } from "../saved.ts";
import { when } from "../when.ts";

export default defineNode({
  type: "guidegraph/save-tensor",
  version: 1,
  title: "Save Tensor",
  category: "tensors",
  description: "Saves the values of all batches, as they are, in one file.",
  reference: "numpy.save, numpy.savez",
  inputs: {
    tensor: port.tensor({ lazy: true }),
    name: port.text({ default: "tensor", help: "What the file is called; a number follows where there is one." }),
    format: port.text({ default: "npz", choices: ["npz", "npy"], help: "An NPZ (arr_0) carries the graph too." }),
    layout: port.text({
      default: "NCHW",
      choices: batchLayouts,
      help: "What the axes of the file are; one that it lacks must be 1 long.",
    }),
    type: port.text({
      default: "float32",
      choices: ["float32", "float16"],
      help: "float16 is half as large and has three digits.",
    }),
    when,
  },
  outputs: {},
  effect: true,
  infer: ({ tensor }, known) => {
    const { batch, channels, height, width } = { ...tensor, ...sameSize({ tensor }) };
    const layout = known.parameter("layout");
    if (typeof layout === "string")
      atPort("layout", () => wantLayout([batch, channels, height, width], layout as Layout));
    return {};
  },
  notes: (parameter) => ({ name: renamed(parameter("name")) }),
  saves: ({ tensor }) => savedTensor(tensor),
  needs: ({ when }) => (when === 0 ? [] : ["tensor"]),
  run: async ({ tensor, name, format, layout, type, when }, world) => {
    if (when === 0) return {};
    const laidOut = atPort("layout", () => toLayout(tensor, layout as Layout));
    await world.outputs.tensor(name, laidOut, { format, type } as TensorFile);
    return {};
  },
});
