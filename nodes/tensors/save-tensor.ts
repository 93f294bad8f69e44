import { sameSize } from "../checks.ts";
import type { TensorFile } from "../context.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { savedTensor } from "../weight.ts";

export default defineNode({
  type: "guidegraph/save-tensor",
  version: 1,
  title: "Save Tensor",
  category: "tensors",
  description: "Saves the values of all batches, as they are, in one file: N×C×H×W.",
  reference: "numpy.save, numpy.savez",
  inputs: {
    tensor: port.tensor(),
    name: port.text({ default: "tensor", help: "What the file is called; a number follows where there is one." }),
    format: port.text({ default: "npz", choices: ["npz", "npy"], help: "An NPZ (arr_0) carries the graph too." }),
    type: port.text({
      default: "float32",
      choices: ["float32", "float16"],
      help: "float16 is half as large and has three digits.",
    }),
  },
  outputs: {},
  effect: true,
  infer: ({ tensor }) => {
    sameSize({ tensor });
    return {};
  },
  saves: ({ tensor }) => savedTensor(tensor),
  run: async ({ tensor, name, format, type }, world) => {
    await world.outputs.tensor(name, tensor, { format, type } as TensorFile);
    return {};
  },
});
