import { type Tensor, takeSamples, wantSample } from "../../diffusion/index.ts";
import { atPort, facts, numbersSizes } from "../checks.ts";
import type { Drawing, Value } from "../drawing.ts";
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
  draw: ({ tensor, indices }, drawing) => ({
    tensor: drawnSamples(drawing, tensor, drawing.op.Reshape(indices, drawing.op.int64([-1]))),
  }),
});

/** Samples by a list of their numbers. A graph cannot refuse one: a sample that is not there is NaN, and so is its gradient, which is refused. */
export function drawnSamples({ op, shape }: Drawing, tensor: Value, list: Value): Value {
  const count = op.Cast(op.Slice(op.Shape(tensor), op.int64([0]), op.int64([1])), { to: "float32" });
  const isWithin = op.And(op.GreaterOrEqual(list, 0), op.Less(list, count));
  const isThere = op.And(op.Equal(list, op.Floor(list)), isWithin);
  const taken = op.Gather(tensor, op.Cast(op.Where(isThere, list, 0), { to: "int64" }), { axis: 0 });
  const column = [-1, ...shape(tensor).slice(1).fill(1)].map(Number);
  return op.Mul(taken, op.Reshape(op.Where(isThere, 1, Number.NaN), op.int64(column)));
}
