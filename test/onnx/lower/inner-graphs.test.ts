/** What a file has in its branches and loops is lowered as what is outside of them. */
import { describe, expect, test } from "vitest";
import { graphBuilder, lower, type OnnxGraph, type OnnxModel, type Value, writeModel } from "../../../onnx/index.ts";
import { innerGraphs } from "../../../onnx/rewrite/captures.ts";
import { relativeError } from "../../support/golden.ts";
import { generator } from "../../support/random.ts";
import { hasWebGpu, openSession, type Provider } from "../../support/sessions.ts";

type Weight = (op: ReturnType<typeof graphBuilder>) => Value;

const random = generator(3);
const weights = Array.from({ length: 6 * 6 * 9 }, () => random() - 0.5);
// Four more are what comes of it; the first two are there twice.
const weight: Weight = (op) => op.float(weights.slice(0, 4 * 6 * 9), [4, 6, 3, 3]);
const dims = [1, 6, 5, 5];

/** x → what a convolution of six channels to four makes of it, six again. */
function convolved(op: ReturnType<typeof graphBuilder>, x: Value, w: Value): Value {
  const y = op.Conv(x, w, { pads: [1, 1, 1, 1] });
  return op.Concat(y, op.Slice(y, op.int64([0]), op.int64([2]), op.int64([1])), { axis: 1 });
}

/** An inner graph with constants of its own, or with the weights of the graph outside. */
function inner(name: string, inputs: OnnxGraph["inputs"], w: Value | undefined, x: Value): OnnxGraph {
  const op = graphBuilder(`${name}/`);
  const y = convolved(op, x, w ?? weight(op));
  const isLoop = inputs.length > 1;
  if (isLoop) op.output(`${name}/again`, op.Identity(`${name}/go`), "bool", []);
  op.output(`${name}/y`, y, "float32", dims);
  return { ...op.graph(name), inputs };
}

const state = { name: "state", type: "float32", dims } as const;
const graphs: Readonly<Record<string, (op: ReturnType<typeof graphBuilder>, x: Value, w?: Value) => Value>> = {
  If: (op, x, w) => {
    const isBright = op.Greater(op.ReduceSum(x, null, { keepdims: 0 }), -1e9);
    const [then, other] = ["then", "else"].map((name) => inner(name, [], w, x));
    return op.node("If", [isBright], { then_branch: then, else_branch: other }, 1)[0];
  },
  Loop: (op, x, w) => {
    const inputs = [
      { name: "body/i", type: "int64", dims: [] },
      { name: "body/go", type: "bool", dims: [] },
      state,
    ] as const;
    const often = op.Cast(op.Add(op.Mul(op.ReduceMax(x, null, { keepdims: 0 }), 0), 2), { to: "int64" });
    return op.node("Loop", [often, op.bool(true), x], { body: inner("body", inputs, w, "state") }, 1)[0];
  },
  Scan: (op, x, w) =>
    op.node(
      "Scan",
      [op.Unsqueeze(x, op.int64([0]))],
      { body: inner("body", [state], w, "state"), num_scan_inputs: 1 },
      1,
    )[0],
  "If in a branch": (op, x, w) => {
    const outer = graphBuilder("outer/");
    const y = graphs.If(outer, x, w);
    outer.output("outer/y", y, "float32", dims);
    const branch = outer.graph("outer");
    const isBright = op.Greater(op.ReduceSum(x, null, { keepdims: 0 }), -1e9);
    return op.node("If", [isBright], { then_branch: branch, else_branch: branch }, 1)[0];
  },
};

function modelOf(make: (typeof graphs)[string], isOutside: boolean): OnnxModel {
  const op = graphBuilder();
  const x = op.input("x", "float32", dims);
  op.output("y", make(op, x, isOutside ? weight(op) : undefined), "float32");
  return op.model("inner", 18);
}

const convolutionsIn = (graph: OnnxGraph): readonly (readonly string[])[] =>
  graph.nodes.flatMap((node) => [
    ...(node.op === "Conv" ? [node.inputs] : []),
    ...innerGraphs(node).flatMap(convolutionsIn),
  ]);

async function answer(model: OnnxModel, provider: Provider): Promise<Float64Array> {
  const session = await openSession(await writeModel(model), provider);
  const values = Float64Array.from({ length: 150 }, (_, i) => Math.fround(Math.sin(i)));
  const { y } = await session.run({ x: { type: "float32", dims, values } });
  await session.release();
  return y.values;
}

describe("a convolution of six channels", () => {
  for (const [name, make] of Object.entries(graphs))
    for (const isOutside of [false, true]) {
      const model = modelOf(make, isOutside);
      const where = `${name}, its weights ${isOutside ? "outside" : "inside"}`;
      test(`${where}: is another where it is lowered for WebGPU`, async () => {
        const lowered = lower(model, "portable");
        const found = convolutionsIn(lowered.graph);
        expect(found.length).toBe(convolutionsIn(model.graph).length);
        for (const [x] of found) expect(x).toMatch(/Pad/);
        expect(relativeError(await answer(lowered, "cpu"), await answer(model, "cpu"))).toBeLessThan(1e-6);
      });
      test.skipIf(!hasWebGpu)(`${where}: comes out on WebGPU as on the processor`, async () => {
        const right = await answer(model, "cpu");
        expect(relativeError(await answer(lower(model, "portable"), "webgpu"), right)).toBeLessThan(1e-4);
        expect(relativeError(await answer(model, "webgpu"), right)).toBeGreaterThan(0.1);
      });
    }
});
