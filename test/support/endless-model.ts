import { graphBuilder, writeModel } from "../../onnx/index.ts";

/** A UNet whose one call never returns: a Loop without a count whose condition stays true. */
export async function endlessModel(): Promise<Uint8Array> {
  const shape = ["N", 3, 32, 32];
  const body = graphBuilder("body/");
  body.input("i", "int64", []);
  const going = body.input("going", "bool", []);
  const value = body.input("value", "float32", shape);
  body.output("still", body.Identity(going), "bool", []);
  body.output("next", body.Add(value, 1), "float32", shape);
  const op = graphBuilder();
  const x = op.input("x", "float32", shape);
  const always = op.LessOrEqual(op.ReduceMin(op.Abs(x), { keepdims: 0 }), 1e30);
  op.output("out", op.Loop(null, always, x, { body: body.graph("body") }), "float32", shape);
  return writeModel(op.model("endless"));
}
