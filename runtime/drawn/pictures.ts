/** Pictures that a graph makes: bytes of x, which other nodes may read again. `diffusion/pictures.ts` in operators of ONNX. */
import type { DrawnImage, Value } from "../../nodes/index.ts";
import type { Dim, GraphBuilder } from "../../onnx/index.ts";

export interface DrawnPictures extends DrawnImage {
  /** N×H×W×C, uint8. */
  readonly bytes: Value;
  /** What they show, N×C×H×W, where the graph made them of it. */
  readonly x?: Value;
}

/** byte = ⌊clamp((x + 1) · 127.5, 0, 255)⌋ of N×C×H×W */
export function drawnPictures(op: GraphBuilder, dims: readonly Dim[], x: Value): DrawnPictures {
  const scaled = op.Clip(op.Mul(op.Add(x, 1), 127.5), 0, 255);
  const bytes = op.Cast(op.Transpose(scaled, { perm: [0, 2, 3, 1] }), { to: "uint8" });
  return { ...readPictures(op, Number(dims[1]), bytes), x };
}

/** Bytes N×H×W×C of a graph that are read as numbers. */
export function readPictures(op: GraphBuilder, own: number, bytes: Value): DrawnPictures {
  const planes = () => op.Transpose(op.Cast(bytes, { to: "float32" }), { perm: [0, 3, 1, 2] });
  return {
    bytes,
    values: () => op.Sub(op.Div(planes(), 127.5), 1),
    weights: (channels) => {
      const each = channels === own ? planes() : op.ReduceMean(planes(), op.int64([1]), { keepdims: 1 });
      return op.Div(each, 255);
    },
  };
}
