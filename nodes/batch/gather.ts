import { type Tensor, takeSamples, wantSample } from "../../diffusion/index.ts";
import { atPort, facts, numbersSizes } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { sameMeaning } from "../tensors/meaning.ts";

export default defineNode({
  type: "guidegraph/gather",
  version: 1,
  title: "Gather",
  category: "batch",
  description: "Takes samples of a batch by their numbers, in any order and as often as they are named.",
  equation: "yᵢ = x[kᵢ]",
  reference: "index_select, best of n, particles",
  inputs: {
    tensor: port.tensor(),
    indices: port.tensor({ help: "A number a sample, N×1×1×1: of Rank or Resample. The first sample is 0." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor, indices }, known) => {
    numbersSizes({ indices });
    const [told, batch] = [known.parameter("indices") as Tensor | undefined, tensor?.batch];
    if (batch !== undefined)
      atPort("indices", () => {
        for (const index of told?.data ?? []) wantSample(index, batch);
        if (indices?.reaches !== undefined) wantSample(indices.reaches, batch);
      });
    const { channels, height, width } = tensor ?? {};
    return { tensor: { ...facts({ batch: indices?.batch, channels, height, width }), ...sameMeaning(tensor) } };
  },
  run: ({ tensor, indices }) => ({ tensor: atPort("indices", () => takeSamples(tensor, indices.data)) }),
  draw: ({ tensor, indices }, { op, shape }) => {
    const list = op.Reshape(indices, op.int64([-1]));
    const count = op.Cast(op.Slice(op.Shape(tensor), op.int64([0]), op.int64([1])), { to: "float32" });
    const isWithin = op.And(op.GreaterOrEqual(list, 0), op.Less(list, count));
    const isThere = op.And(op.Equal(list, op.Floor(list)), isWithin);
    const taken = op.Gather(tensor, op.Cast(op.Where(isThere, list, 0), { to: "int64" }), { axis: 0 });
    // A graph cannot refuse an index: a sample that is not there is NaN, and so is its gradient, which is refused.
    const column = [-1, ...shape(tensor).slice(1).fill(1)].map(Number);
    return { tensor: op.Mul(taken, op.Reshape(op.Where(isThere, 1, Number.NaN), op.int64(column))) };
  },
});
