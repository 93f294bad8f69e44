/** A UNet whose gradient is known: ε = 0.6 x + t/1000, for pictures of 3×4×4. */
import { graphBuilder, type OnnxModel } from "../../onnx/index.ts";

export const slopeOfEps = 0.6;

export function linearUnet(): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", 3, 4, 4]);
  const t = op.Div(op.Unsqueeze(op.input("t", "float32", ["N"]), op.int64([1, 2, 3])), 1000);
  op.output("out", op.Add(op.Mul(x, slopeOfEps), t), "float32", ["N", 3, 4, 4]);
  return op.model("unet");
}
