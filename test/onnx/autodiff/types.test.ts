/** A gradient must not pass over floats that nobody took for floats: it would be zero without a word. */
import { expect, test } from "vitest";
import { GradientError, type GraphBuilder, gradientModel, graphBuilder, type Value } from "../../../onnx/index.ts";

const place = (op: GraphBuilder): Value => op.int64([1, 0]);

/** x on its way to y through an operator whose first input is an integer, and the operator that is refused. */
const ways: Record<string, (op: GraphBuilder, x: Value) => Value> = {
  Unheard: (op, x) => op.node("Unheard", [place(op), x], {}, 1)[0],
  "Unheard elsewhere": (op, x) => op.node("Unheard", [place(op), x], {}, 1, "some.domain")[0],
  "Unheard, reshaped": (op, x) => op.Reshape(op.node("Unheard", [place(op), x], {}, 1)[0], op.int64([2])),
  "Unheard, second output": (op, x) => op.node("Unheard", [place(op), x], {}, 2)[1],
};

for (const [title, way] of Object.entries(ways))
  test(`${title} is refused by name, not taken for an integer`, () => {
    const op = graphBuilder();
    op.output("y", way(op, op.input("x", "float32", [2])), "float32");
    const differentiate = () => gradientModel(op.model("integer first"), { of: "y", wrt: "x" });
    expect(differentiate).toThrow(GradientError);
    expect(differentiate).toThrow(/^Cannot differentiate Unheard in node "Unheard\.\d+": no gradient rule/);
  });
