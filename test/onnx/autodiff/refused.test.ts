/** Forms that exporters of torch.nn do not write: refused with the operator, the node and the reason. */
import { expect, test } from "vitest";
import { GradientError, type GraphBuilder, gradientModel, graphBuilder, type Value } from "../../../onnx/index.ts";

const zeros = (op: GraphBuilder, ...dims: number[]): Value =>
  op.float(
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => 0),
    dims,
  );

/** A layer of hidden size 2 over 3 features, x being 4×1×3. */
const recurrent =
  (name: "LSTM" | "GRU" | "RNN", gates: number, attributes: object, lengths: Value | null = null) =>
  (op: GraphBuilder, x: Value): Value =>
    op.add(
      name,
      [x, zeros(op, 1, 2 * gates, 3), zeros(op, 1, 2 * gates, 2), null, lengths],
      { hidden_size: 2, ...attributes },
      1,
    )[0];

const refusals: Record<string, readonly [build: (op: GraphBuilder, x: Value) => Value, reason: string]> = {
  LSTM: [(op, x) => recurrent("LSTM", 4, {}, op.input("n", "int32", [1]))(op, x), "sequences of different lengths"],
  GRU: [recurrent("GRU", 3, { clip: 1.5 }), "the attribute clip"],
  RNN: [recurrent("RNN", 1, { activations: ["Affine"] }), "no gradient of its activation Affine"],
  Resize: [
    (op, x) => op.Resize(x, null, null, op.int64([8, 5]), { axes: [0, 2], keep_aspect_ratio_policy: "not_larger" }),
    "the keep_aspect_ratio_policy not_larger",
  ],
  StringNormalizer: [(op, x) => op.node("StringNormalizer", [x], {}, 1)[0], "no gradient rule"],
};

for (const [name, [build, reason]] of Object.entries(refusals))
  test(`${name} in a form without a rule is refused by name`, () => {
    const op = graphBuilder();
    op.output(
      "y",
      op.within("layer", () => build(op, op.input("x", "float32", [4, 1, 3]))),
      "float32",
    );
    const differentiate = () => gradientModel(op.model("refused"), { of: "y", wrt: "x" });
    expect(differentiate).toThrow(GradientError);
    expect(differentiate).toThrow(
      new RegExp(`^Cannot differentiate ${name} in node "layer/${name}\\.\\d+": .*${reason}`),
    );
  });
