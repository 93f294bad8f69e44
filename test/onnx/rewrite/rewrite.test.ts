import { describe, expect, test } from "vitest";
import { type GraphBuilder, graphBuilder, type OnnxModel, type Value } from "../../../onnx/index.ts";
import { is } from "../../../onnx/rewrite/pattern.ts";
import { rewrite } from "../../../onnx/rewrite/rewrite.ts";
import { type Row, row } from "../../../onnx/rewrite/row.ts";

const modelOf = (build: (op: GraphBuilder, x: Value, y: Value) => Value): OnnxModel => {
  const op = graphBuilder();
  const [x, y] = [op.input("x", "float32", ["N", 3]), op.input("y", "float32", ["N", 3])];
  op.output("z", build(op, x, y), "float32");
  return op.model("small");
};
const operators = ({ graph }: OnnxModel): string[] => graph.nodes.map(({ op }) => op);
const rewritten = (model: OnnxModel, one: Row): string[] => operators(rewrite(model, { one }, { word: "new" }));

/** a² − b² becomes (a + b)(a − b). */
const differenceOfSquares = row({
  pattern: is.Sub(is.Mul("a", "a"), is.Mul("b", "b")),
  becomes: (op, { a, b }) => op.Mul(op.Add(a, b), op.Sub(a, b)),
});

describe("rewrite", () => {
  test("a name stands for the same value wherever it occurs", () => {
    const squares = modelOf((op, x, y) => op.Tanh(op.Sub(op.Mul(x, x), op.Mul(y, y))));
    expect(rewritten(squares, differenceOfSquares)).toEqual(["Add", "Sub", "Mul", "Tanh", "Identity"]);
    const mixed = modelOf((op, x, y) => op.Tanh(op.Sub(op.Mul(x, y), op.Mul(y, y))));
    expect(rewritten(mixed, differenceOfSquares)).toEqual(operators(mixed));
  });

  const silu = row({ pattern: is.Mul("x", is.Sigmoid("x")), becomes: (op, { x }) => op.Swish(x) });

  test("operands of a sum or a product may come in either order, others may not", () => {
    expect(
      rewritten(
        modelOf((op, x) => op.Mul(op.Sigmoid(x), x)),
        silu,
      ),
    ).toContain("Swish");
    const half = row({ pattern: is.Div("x", 2), becomes: (op, { x }) => op.Mul(x, 0.5) });
    expect(
      rewritten(
        modelOf((op, x) => op.Div(x, 2)),
        half,
      ),
    ).toContain("Mul");
    expect(
      rewritten(
        modelOf((op, x) => op.Div(2, x)),
        half,
      ),
    ).not.toContain("Mul");
  });

  test("an attribute is told by its value or a condition", () => {
    const first = row({ pattern: is.Concat("x", "y").where({ axis: 0 }), becomes: (_, { x }) => x });
    const other = row({ pattern: is.Concat("x", "y").where({ axis: (axis) => axis !== 0 }), becomes: (_, { x }) => x });
    const model = modelOf((op, x, y) => op.Concat(x, y, { axis: 1 }));
    expect(rewritten(model, first)).toContain("Concat");
    expect(rewritten(model, other)).not.toContain("Concat");
  });

  test("what must be there beside is found, if it is made before", () => {
    const sameSine = row({
      pattern: is.Neg(is.Sin("x")),
      beside: { y: is.Exp(is.Cos("x")) },
      becomes: (op, { y }) => op.Sqrt(y),
    });
    const before = modelOf((op, x) => {
      const y = op.Exp(op.Cos(x));
      return op.Add(op.Neg(op.Sin(x)), y);
    });
    expect(rewritten(before, sameSine)).toContain("Sqrt");
    const after = modelOf((op, x) => {
      const negative = op.Neg(op.Sin(x));
      return op.Add(negative, op.Exp(op.Cos(x)));
    });
    expect(rewritten(after, sameSine)).not.toContain("Sqrt");
  });

  test("what is computed again is taken from the new form too", () => {
    const both = row({
      pattern: is.Sin("x").as("y"),
      again: { square: is.Mul(is.Sin("x"), is.Sin("x")) },
      becomes: (op, { x }) => {
        const y = op.Cos(x);
        return { y, square: op.Exp(y) };
      },
    });
    const model = modelOf((op, x) => {
      const y = op.Sin(x);
      return op.Sub(op.Mul(y, y), y);
    });
    expect(rewritten(model, both)).toEqual(["Cos", "Exp", "Sub", "Identity"]);
  });

  test("a graph's output that is computed again stays as it is", () => {
    const both = row({
      pattern: is.Sin("x").as("y"),
      again: { square: is.Mul(is.Sin("x"), is.Sin("x")) },
      becomes: (op, { x }) => {
        const y = op.Cos(x);
        return { y, square: op.Exp(y) };
      },
    });
    const model = modelOf((op, x) => op.Tanh(op.Sin(x)));
    const [sine] = model.graph.nodes;
    const square = { ...sine, op: "Mul", name: "square", inputs: [sine.outputs[0], sine.outputs[0]], outputs: ["s"] };
    const graph = {
      ...model.graph,
      nodes: [...model.graph.nodes, square],
      outputs: [...model.graph.outputs, { name: "s", type: "float32" as const }],
    };
    expect(rewritten({ ...model, graph }, both)).toEqual(["Cos", "Tanh", "Identity", "Mul"]);
  });

  test("a graph's output keeps its name, and what takes a node's place has the node's", () => {
    const model = modelOf((op, x) => op.within("block.3", () => op.Mul(x, op.Sigmoid(x))));
    const { nodes, outputs } = rewrite(model, { silu }, { word: "new" }).graph;
    expect(outputs.map(({ name }) => name)).toEqual(["z"]);
    expect(nodes.map(({ op, name }) => `${op} ${name}`)).toEqual(["Swish block.3/Mul.1", "Identity Identity.2"]);
  });

  test("a node whose other outputs are in use stays", () => {
    const part = row({ pattern: is.Split("x"), becomes: (_, { x }) => x });
    const split = (used: number) =>
      modelOf((op, x) => op.Tanh(op.add("Split", [x], { axis: 1, num_outputs: 3 }, 3)[used]));
    expect(rewritten(split(0), part)).not.toContain("Split");
    expect(rewritten(split(1), part)).toContain("Split");
  });

  test("inner graphs are rewritten where that is asked for", () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", [1]);
    const branch = (name: string) => {
      const inner = graphBuilder(`${name}/`);
      inner.output(name, inner.Mul(x, inner.Sigmoid(x)), "float32");
      return inner.graph(name);
    };
    const condition = op.input("condition", "bool", []);
    op.output("z", op.If(condition, { then_branch: branch("a"), else_branch: branch("b") }), "float32");
    const inside = (inner: boolean) =>
      JSON.stringify(rewrite(op.model("branches"), { silu }, { word: "new", inner }).graph.nodes).includes("Swish");
    expect([inside(false), inside(true)]).toEqual([false, true]);
  });
});

/** Never called. */
const misspelt = () => [
  // @ts-expect-error no operator is called so
  is.Sigmod("x"),
  // @ts-expect-error Transpose has one perm
  is.Transpose("x").where({ perms: [1, 0] }),
  // @ts-expect-error nothing is called z
  row({ pattern: is.Mul("x", "y"), becomes: (op, { z }) => op.Neg(z) }),
  // @ts-expect-error nothing is called z
  row({ pattern: is.Mul("x", "y"), when: ({ z }) => z === "", becomes: (_, { x }) => x }),
  // @ts-expect-error Softmax has no axes
  row({ pattern: is.Softmax("x"), when: (_, { attrs }) => attrs.axes === 1, becomes: (_, { x }) => x }),
  // @ts-expect-error nothing is called z
  row({ pattern: is.Mul("x", "y"), becomes: (_, { x }) => ({ z: x }) }),
  // @ts-expect-error the row of a table of cases is missing
  {} satisfies Readonly<Record<"one", Row>>,
];

test("a misspelt operator, attribute or name does not compile", () => {
  expect(misspelt).toBeTypeOf("function");
});
