import { expect, test } from "vitest";
import { type GraphBuilder, gradientReach, graphBuilder, reachInWords, type Value } from "../../../onnx/index.ts";

const column = (op: GraphBuilder, x: Value): Value => op.ReduceSum(x, op.int64([1]), { keepdims: 1 });

const ways: Record<string, readonly [build: (op: GraphBuilder, x: Value) => Value, words: RegExp | undefined]> = {
  "a smooth way": [(op, x) => op.Tanh(x), undefined],
  "a rounded way beside a smooth one": [(op, x) => op.Add(op.Round(x), x), undefined],
  "a rounded way": [
    (op, x) =>
      op.Mul(
        op.within("q", () => op.Round(op.Tanh(x))),
        2,
      ),
    /0 everywhere.*Round "q\/Round\.\d"/,
  ],
  "the largest place": [
    (op, x) => op.Cast(op.ArgMax(x, { axis: 1 }), { to: "float32" }),
    /0 everywhere.*ArgMax "ArgMax\.\d"/,
  ],
  "a way over integers": [
    (op, x) => op.Cast(op.Cast(x, { to: "int32" }), { to: "float32" }),
    /0 everywhere.*Cast "Cast\.\d"/,
  ],
  "a stopped way": [(op, x) => op.Mul(op.StopGradient(op.Tanh(x)), 2), /0 everywhere.*StopGradient "StopGradient\.\d"/],
  "a stopped way beside another": [(op, x) => op.Mul(op.StopGradient(op.Tanh(x)), x), undefined],
  "a comparison": [(op, x) => op.Where(op.Greater(x, 0), 1, 0), /0 everywhere.*Greater/],
  "two rounded ways": [(op, x) => op.Add(op.Floor(x), op.Ceil(x)), /ends at Floor .*, Ceil /],
  "a softmax of one logit": [(op, x) => op.Softmax(column(op, x), { axis: 1 }), /0 everywhere.*Softmax/],
  "an operator without a rule": [
    (op, x) => op.within("layer", () => op.node("Unheard", [x], {}, 1)[0]),
    /^Cannot differentiate Unheard in node "layer\/Unheard\.0": no gradient rule$/,
  ],
  "a rounding behind an operator without a rule": [
    (op, x) => op.Round(op.node("Unheard", [x], {}, 1)[0]),
    /0 everywhere.*Round/,
  ],
  "no way": [(op) => op.Tanh(op.float([1, 2])), /"y" does not depend on "x"/],
};

for (const [title, [build, words]] of Object.entries(ways))
  test(`gradientReach tells of ${title}`, () => {
    const op = graphBuilder();
    op.output("y", build(op, op.input("x", "float32", ["N", 3])), "float32");
    const ends = { of: "y", wrt: "x" };
    const found = reachInWords(gradientReach(op.model("way"), ends), ends);
    if (words === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(words);
  });
