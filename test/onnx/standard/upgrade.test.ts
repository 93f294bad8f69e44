import { describe, expect, test } from "vitest";
import { graphBuilder, type OnnxModel, writeModel } from "../../../onnx/index.ts";
import { StandardModel } from "../../../onnx/standard/standard.ts";
import { upgrade } from "../../../onnx/standard/upgrade.ts";
import { materialise, oneNode } from "../../support/check-gradient.ts";
import { generator } from "../../support/random.ts";
import { openSession } from "../../support/sessions.ts";
import { cases } from "../autodiff/cases/index.ts";

describe("upgrade", () => {
  for (const [op, list] of Object.entries(cases)) {
    const old = list.filter(({ opset = 18 }) => opset < 18);
    if (old.length === 0) continue;
    test(`keeps what ${op} of older opsets computes`, async () => {
      for (const given of old) {
        const inputs = given.x.map((operand, i) => operand && materialise(operand, `x${i}`, generator(i + 1)));
        const model = oneNode(op, given, inputs, false);
        const feeds = Object.fromEntries(inputs.flatMap((x) => (x && !x.constant ? [[x.name, x]] : [])));
        const upgraded = upgrade(model);
        expect(upgraded.opsets.get("")).toBe(18);
        const [before, after] = await Promise.all(
          [model, upgraded].map(async (m) => (await openSession(await writeModel(m), "cpu")).run(feeds)),
        );
        expect(after.y.dims).toEqual(before.y.dims);
        expect([...after.y.values]).toEqual([...before.y.values]);
      }
    });
  }

  /** y = squeezed x, once more in a branch; `named`: whether the branch knows x under another name. */
  function squeezedTwice(named: boolean): OnnxModel {
    const op = graphBuilder();
    const squeezed = (builder: typeof op, x: string) => builder.node("Squeeze", [x], { axes: [0] }, 1)[0];
    const outer = squeezed(op, op.input("x", "float32", [1, 1, 2]));
    const x = named ? op.Identity(outer) : outer;
    const branch = (name: string, factor: number) => {
      const inner = graphBuilder(`${name}/`);
      inner.output(name, inner.Mul(squeezed(inner, x), factor), "float32");
      return inner.graph(name);
    };
    const condition = op.input("condition", "bool", []);
    op.output("y", op.If(condition, { then_branch: branch("then", 2), else_branch: branch("else", 3) }), "float32");
    return op.model("branches", 11);
  }

  test.each([false, true])("names inside a branch hide none outside of it (%s)", async (named) => {
    const model = StandardModel.of(squeezedTwice(named));
    const { y } = await (await openSession(await writeModel(model), "cpu")).run({
      x: { type: "float32", dims: [1, 1, 2], values: Float64Array.of(1, 10) },
      condition: { type: "bool", dims: [], values: Float64Array.of(1) },
    });
    expect(y).toMatchObject({ dims: [2] });
    expect([...y.values]).toEqual([2, 20]);
  });

  test("an input that is absent stays absent behind an output that is", async () => {
    const op = graphBuilder();
    const [y] = op.node("Dropout", [op.input("x", "float32", [3])], { ratio: 0.5 }, 2);
    op.output("y", op.Clip(y, null, 1), "float32");
    const model = op.model("dropped", 11);
    const [dropout, ...others] = model.graph.nodes;
    const nodes = [{ ...dropout, outputs: [y, ""] }, ...others];
    const upgraded = upgrade({ ...model, graph: { ...model.graph, nodes } });
    expect(upgraded.graph.nodes.find(({ op }) => op === "Clip")?.inputs[1]).toBe("");
  });

  test("leaves models of opset 18 and later as they are", () => {
    const op = graphBuilder();
    op.output("y", op.Tanh(op.input("x", "float32", [1])), "float32");
    const model = op.model("new", 21);
    expect(upgrade(model)).toBe(model);
  });

  test.each([
    ["Add", 6, { broadcast: 1, axis: 1 }],
    ["Scan", 8, {}],
    ["BatchNormalization", 7, { spatial: 0 }],
  ])("refuses %s of opset %i, which is another thing, by name", (name, opset, attributes) => {
    const op = graphBuilder();
    const x = op.input("x", "float32", [1, 2]);
    op.output("y", op.node(name, [x, x], attributes, 1)[0], "float32");
    expect(() => upgrade(op.model("old", opset))).toThrow(
      `Cannot read ${name} "${name}.0" in the form of opset ${opset}: export it with opset 9 or later`,
    );
  });
});
