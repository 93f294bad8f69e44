import { describe, expect, test } from "vitest";
import {
  type GraphBuilder,
  graphBuilder,
  type OnnxModel,
  readModel,
  type Value,
  writeModel,
} from "../../../onnx/index.ts";
import { Inference } from "../../../onnx/shapes/index.ts";
import { upgrade } from "../../../onnx/standard/upgrade.ts";
import { materialise, oneNode } from "../../support/check-gradient.ts";
import { generator } from "../../support/random.ts";
import { openSession } from "../../support/sessions.ts";
import { cases } from "../autodiff/cases/index.ts";

const factsOf = (model: OnnxModel, value: string) => {
  return new Inference(upgrade(model).graph).facts(value);
};

/** What these keep or count is in the values of their inputs. */
const sizedByValues = new Set(["Compress", "Range", "Unique"]);

describe("Inference", () => {
  for (const [op, list] of Object.entries(cases))
    test(`knows type and shape of ${op} as onnxruntime finds them`, async () => {
      for (const given of list) {
        const inputs = given.x.map((operand, i) => operand && materialise(operand, `x${i}`, generator(i)));
        const model = oneNode(op, given, inputs, false);
        const session = await openSession(await writeModel(model), "cpu");
        const feeds = Object.fromEntries(inputs.flatMap((x) => (x && !x.constant ? [[x.name, x]] : [])));
        const { y } = await session.run(feeds);
        await session.release();
        const { type, dims = [] } = factsOf(model, "y")!;
        expect(type, JSON.stringify(given)).toBe(y.type);
        const known = (dim: number, axis: number) => (typeof dims[axis] === "number" ? dim : dims[axis]);
        const isOpen =
          sizedByValues.has(op) || given.x.some((operand) => operand && "input" in operand && operand.input);
        expect(dims, JSON.stringify(given)).toEqual(isOpen ? y.dims.map(known) : y.dims);
        // With sizes known only at run time, what is known must still be right.
        const open = factsOf(oneNode(op, given, inputs, true), "y");
        if (open?.dims) expect(open.dims).toHaveLength(y.dims.length);
        for (const [axis, dim] of (open?.dims ?? []).entries())
          if (typeof dim === "number") expect(dim, `${JSON.stringify(given)} axis ${axis}`).toBe(y.dims[axis]);
      }
    });

  test.each([
    ["a float of x", (op: GraphBuilder, x: Value) => op.Mul(x, 2), "float32", true],
    ["a whole number", (op: GraphBuilder, x: Value) => op.Cast(x, { to: "int64" }), "int64", true],
    ["what nobody knows", (op: GraphBuilder, x: Value) => op.node("Unheard", [x], {}, 1)[0], "float32", false],
  ])("tells the type of a branch that does not declare it: %s", async (_, build, type, isCertain) => {
    const op = graphBuilder();
    const [x, condition] = [op.input("x", "float32", [2]), op.input("c", "bool", [])];
    const branch = (name: string) => {
      const inner = graphBuilder(`${name}/`);
      inner.output(name, build(inner, x), "float32");
      const graph = inner.graph(name);
      return { ...graph, outputs: graph.outputs.map((output) => ({ ...output, isUndeclared: true as const })) };
    };
    const y = op.If(condition, { then_branch: branch("then"), else_branch: branch("else") });
    op.output("y", op.Identity(y), "float32");
    // Through the file, which says nothing of it either.
    const { graph } = readModel(await writeModel(op.model("branches")));
    const inference = new Inference(graph);
    expect(inference.facts(y)?.type).toBe(type);
    expect(inference.isCertain(y)).toBe(isCertain);
  });

  test("follows shape arithmetic with a batch size that is open", () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", 6, 4]);
    const part = (i: number) => op.Unsqueeze(op.Gather(op.Shape(x), op.int64(i)), op.int64([0]));
    const target = op.Concat(op.Mul(part(0), op.int64([2])), op.Div(part(1), op.int64([2])), op.int64([-1]), {
      axis: 0,
    });
    op.output("y", op.Reshape(x, target), "float32");
    expect(factsOf(op.model("view"), "y")?.dims).toEqual(["2·N", 3, 4]);
  });

  test("decides comparisons of sizes that are certain, and no others", () => {
    const op = graphBuilder();
    const [n] = [op.Shape(op.input("x", "float32", ["N"]))];
    op.output("isMinusOne", op.Equal(n, op.int64([-1])), "bool");
    op.output("isItself", op.Equal(n, n), "bool");
    op.output("isTwo", op.Equal(n, op.int64([2])), "bool");
    const model = op.model("comparisons");
    expect(factsOf(model, "isMinusOne")?.values).toEqual([0]);
    expect(factsOf(model, "isItself")?.values).toEqual([1]);
    expect(factsOf(model, "isTwo")?.values).toBeUndefined();
  });

  test("leaves unknown what an operator without a rule gives", () => {
    const op = graphBuilder();
    op.output("y", op.node("Unheard", [op.input("x", "float32", [2])], {}, 1)[0], "float32");
    expect(factsOf(op.model("unheard"), "y")?.dims).toBeUndefined();
  });
});
