import { expect, test } from "vitest";
import { graphBuilder, type Rules, readModel, writeModel } from "../../onnx/index.ts";
import { operatorNames } from "../../onnx/operators.ts";
import type { InferRules } from "../../onnx/shapes/index.ts";

const op = graphBuilder();
const x = op.input("x", "float32", ["N", 3]);

/** Never called. */
const misspelt = () => [
  // @ts-expect-error no operator is called so
  op.Sigmod(x),
  // @ts-expect-error Conv has pads
  op.Conv(x, x, { pad: [1, 1] }),
  // @ts-expect-error the strides of Conv are a list
  op.Conv(x, x, { strides: 2 }),
  // @ts-expect-error Add has no attributes
  op.Add(x, x, { axis: 1 }),
  // @ts-expect-error a list is no input
  op.Add(x, [1, 2]),
  // @ts-expect-error a truth is no input
  op.Add(x, true),
  // @ts-expect-error a type has a name
  op.Cast(x, { to: 10 }),
  // @ts-expect-error no type is called so
  op.Cast(x, { to: "half" }),
  // @ts-expect-error no operator is called so
  op.add("Splt", [x], { axis: 1 }, 2),
  // @ts-expect-error Split has num_outputs
  op.add("Split", [x], { parts: 2 }, 2),
  // @ts-expect-error no operator is called so
  operatorNames("Add Sbu Mul"),
  // @ts-expect-error no operator is called so
  { Sigmod: ({ dy }) => [dy] } satisfies Rules,
  // @ts-expect-error Softmax has no axes
  { Softmax: ({ dy, attrs }) => [attrs.axes ? dy : null] } satisfies Rules,
  // @ts-expect-error no operator is called so
  { Sigmod: ({ x: [a] }) => [a ?? {}] } satisfies InferRules,
  // @ts-expect-error Transpose has one perm
  { Transpose: ({ attrs }) => [{ dims: attrs.perms ?? [] }] } satisfies InferRules,
];

test("a misspelt operator, attribute or type does not compile", () => {
  expect(misspelt).toBeTypeOf("function");
});

test("types of data are names in a graph and numbers in its file", async () => {
  op.output("y", op.Cast(x, { to: "float16" }), "float16");
  const bytes = await writeModel(op.model("cast"));
  expect(readModel(bytes).graph.nodes[0].attributes).toEqual({ to: "float16" });
});

test("an operator of another domain is none of the table's, whatever its name", async () => {
  const other = graphBuilder();
  other.node("Cast", [other.input("x", "float32", [1])], { to: 10 }, 1, "somewhere.else");
  const [node] = readModel(await writeModel(other.model("other"))).graph.nodes;
  expect(node.attributes).toEqual({ to: 10 });
});
