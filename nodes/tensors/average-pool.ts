import { pooling, separable } from "../../diffusion/index.ts";
import { atPort, facts, knownNumber } from "../checks.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { drawnSeparable, drawnSides, pictureSides } from "./separable.ts";

export default defineNode({
  type: "guidegraph/average-pool",
  version: 1,
  title: "Average Pool",
  category: "tensors",
  description: "Takes the mean of each square of pixels, the usual degradation of super-resolution.",
  equation: "y(p) = 1/f² · Σ x(f·p + q)",
  reference: "avg_pool2d, super-resolution operator",
  inputs: {
    tensor: port.tensor(),
    factor: port.number({ default: 2, min: 1, max: 1024, integer: true, help: "Pixels a side of a square." }),
  },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const factor = knownNumber(known.parameter("factor"));
    const { batch, channels, height, width, meaning } = tensor ?? {};
    const [high, wide] = [height, width].map((side) => (side && factor ? pooled(side, factor) : undefined));
    return { tensor: facts({ batch, channels, height: high, width: wide, meaning }) };
  },
  run: ({ tensor, factor }) => {
    const [h, w] = pictureSides(tensor);
    return { tensor: atPort("factor", () => separable(tensor, pooling(h, factor), pooling(w, factor))) };
  },
  draw: ({ tensor, factor }, drawing) => {
    const matrices = drawnSides(drawing, tensor).map((side) => atPort("factor", () => pooling(side, factor.fixed)));
    const [rows, columns] = matrices.map((matrix) => drawing.constant(matrix));
    return { tensor: drawnSeparable(drawing, tensor, rows, columns) };
  },
});

/** Throws a GraphError where squares would be left over. */
function pooled(side: number, factor: number): number {
  if (side % factor === 0) return side / factor;
  throw new GraphError(`Cannot pool ${side} pixels by ${factor}: ${factor} must divide it`, "factor");
}
