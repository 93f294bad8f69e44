import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect, test } from "vitest";
import { summedTaps } from "../../../onnx/adm/upsample-conv.ts";
import { graphBuilder, toFloat32Bytes, writeModel } from "../../../onnx/index.ts";
import { relativeError } from "../../support/golden.ts";
import { randomValues } from "../../support/write-checkpoint.ts";

test("a transposed convolution of summed taps is an upsample and a convolution", async () => {
  const [to, from, size] = [5, 3, 4];
  const kernels = randomValues("kernels", [to, from, 3, 3], 1);
  const op = graphBuilder();
  const x = op.input("x", "float32", ["N", from, size, size]);
  const nearest = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
  const w = op.weight("w", { type: "float32", dims: [to, from, 3, 3], data: toFloat32Bytes(kernels) });
  const summed = toFloat32Bytes(summedTaps(kernels, to, from));
  const w4 = op.weight("w4", { type: "float32", dims: [from, to, 4, 4], data: summed });
  op.output("two", op.Conv(op.Resize(x, null, op.float([1, 1, 2, 2]), nearest), w, { pads: [1, 1, 1, 1] }), "float32");
  op.output("one", op.ConvTranspose(x, w4, { pads: [1, 1, 1, 1], strides: [2, 2] }), "float32");
  const session = await InferenceSession.create(await writeModel(op.model("both")), { intraOpNumThreads: 1 });
  const dims = [2, from, size, size];
  const { one, two } = await session.run({ x: new Tensor("float32", randomValues("x", dims, 1), dims) });
  expect(one.dims).toEqual([2, to, 2 * size, 2 * size]);
  expect(relativeError(one.data as Float32Array, two.data as Float32Array)).toBeLessThan(1e-6);
});
