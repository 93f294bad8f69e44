/** Any ONNX file as a function of tensors. */
import { afterAll, describe, expect, test } from "vitest";
import { type Step, schedule, type Tensor } from "../../../diffusion/index.ts";
import type { NetworkHandle } from "../../../nodes/index.ts";
import { type GraphBuilder, graphBuilder, writeModel } from "../../../onnx/index.ts";
import { modelsOf } from "../../../runtime/index.ts";
import { memoryNetworks } from "../../support/memory-networks.ts";

const content = new Map<string, Uint8Array>();
const networks = memoryNetworks(content);
afterAll(() => networks.close());

const step: Step = schedule({ noiseSchedule: "linear", timestepRespacing: "10", rescaleTimesteps: false }).at(5);
const x: Tensor = { dims: [3, 3, 4, 4], data: Float32Array.from({ length: 144 }, (_, i) => Math.sin(i)) };

async function load(build: (op: GraphBuilder) => void, flags = ""): Promise<NetworkHandle> {
  const op = graphBuilder();
  build(op);
  const file = `${content.size}.onnx`;
  content.set(file, await writeModel(op.model("any")));
  return modelsOf(networks).network({ file, sha256: "", flags });
}

describe("a network", () => {
  test("gives each of its outputs by name, the first without one", async () => {
    const network = await load((op) => {
      const x = op.input("latent", "float32", ["N", 3, 4, 4]);
      op.output("twice", op.Mul(x, 2), "float32", ["N", 3, 4, 4]);
      op.output("means", op.ReduceMean(x, op.int64([2, 3]), { keepdims: 0 }), "float32", ["N", 3]);
    }, "--resize none");
    expect(network.facts).toMatchObject({ height: 4, width: 4, channels: 3, timed: false, takesOther: false });
    const twice = await network.apply(x, "");
    expect([...twice.data]).toEqual([...x.data.map((v) => v * 2)]);
    expect((await network.apply(x, "means")).dims).toEqual([3, 3]);
  });

  test("takes a timestep of its own shape and a second tensor", async () => {
    const network = await load((op) => {
      const a = op.input("a", "float32", ["N", 3, 4, 4]);
      const t = op.input("timestep", "int64", []);
      const b = op.input("b", "float32", ["N", 3, 4, 4]);
      op.output("y", op.Add(op.Add(a, b), op.Cast(t, { to: "float32" })), "float32", ["N", 3, 4, 4]);
    });
    expect(network.facts).toMatchObject({ timed: true, takesOther: true, fit: expect.stringContaining("t as int64") });
    const y = await network.apply(x, "y", x, step);
    expect(y.data[5]).toBeCloseTo(2 * x.data[5] + step.modelT, 3);
  });

  test("of pictures N×H×W×C and half precision gives pictures N×C×H×W and floats", async () => {
    const network = await load((op) => {
      const x = op.input("x", "float16", ["N", 4, 4, 3]);
      op.output("y", op.Neg(x), "float16", ["N", 4, 4, 3]);
    });
    const y = await network.apply(x, "");
    expect(y.dims).toEqual([3, 3, 4, 4]);
    for (const [i, value] of y.data.entries()) expect(value).toBeCloseTo(-x.data[i], 2);
  });

  test("of one picture at a time is asked once for each", async () => {
    const network = await load((op) => {
      const x = op.input("x", "float32", [1, 3, 4, 4]);
      op.output("y", op.Flatten(op.ReduceSum(x, op.int64([2, 3]))), "float32", [1, 3]);
    });
    const y = await network.apply(x, "");
    expect(y.dims).toEqual([3, 3]);
    const sum = x.data.subarray(128, 144).reduce((a, b) => a + b, 0);
    expect(y.data[8]).toBeCloseTo(sum, 4);
  });

  test.each([
    [
      "of labels alone",
      (op: GraphBuilder) =>
        op.output("y", op.Cast(op.input("y0", "int64", ["N"]), { to: "float32" }), "float32", ["N"]),
      /no input of floats/,
    ],
    [
      "that gives no floats",
      (op: GraphBuilder) => op.output("y", op.ArgMax(op.input("x", "float32", ["N", 3])), "int64", ["N"]),
      /gives no floats/,
    ],
    [
      "of three tensors",
      (op: GraphBuilder) =>
        op.output("y", op.Sum(...["a", "b", "c"].map((name) => op.input(name, "float32", ["N", 3]))), "float32", [
          "N",
          3,
        ]),
      /nothing feeds its input "c"/,
    ],
  ])("%s is refused in words", async (_, build, message) => {
    await expect(load(build)).rejects.toThrow(message);
  });
});
