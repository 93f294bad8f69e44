import { describe, expect, test } from "vitest";
import {
  buildAdm,
  type GraphBuilder,
  gradientModel,
  graphBuilder,
  lower,
  type OnnxModel,
  readCheckpoint,
  recognise,
  type Value,
  writeModel,
} from "../../../onnx/index.ts";
import { checkGraph, lowerings } from "../../support/check-graph.ts";
import { fileSource } from "../../support/files.ts";
import { readJson, relativeError, unetFlags } from "../../support/golden.ts";
import { goldenFile } from "../../support/golden-file.ts";
import { generator } from "../../support/random.ts";
import { hasWebGpu, openSession, type Provider, type Values } from "../../support/sessions.ts";

interface Net {
  /** Shape of the input x. */
  readonly x: readonly number[];
  readonly y: (op: GraphBuilder, x: Value, weight: (...dims: number[]) => Value) => Value;
  /** Operators and how many of them the gradient graph lowered for the CPU has. */
  readonly has: Readonly<Record<string, number>>;
}

const silu = (op: GraphBuilder, x: Value): Value => op.Mul(x, op.Sigmoid(x));
const swap = (op: GraphBuilder, x: Value): Value => op.Transpose(x, { perm: [0, 2, 1] });
const plainNorm = (op: GraphBuilder, x: Value, groups: number): Value =>
  op.InstanceNormalization(x, op.float(Array(groups).fill(1)), op.float(Array(groups).fill(0)), { epsilon: 1e-5 });

const nets: Record<string, Net> = {
  "SiLU backward in four passes": {
    x: [2, 5],
    y: (op, x) => silu(op, op.Mul(x, 1.5)),
    has: { Sigmoid: 1, Sub: 1, Add: 1 },
  },
  "SiLU whose sigmoid is used elsewhere too": {
    x: [2, 5],
    y: (op, x) => {
      const s = op.Sigmoid(x);
      return op.Add(op.Mul(x, s), op.Mul(s, 3));
    },
    has: { Sigmoid: 1 },
  },
  "a product that only looks like SiLU": {
    x: [2, 5],
    y: (op, x) => op.Mul(x, op.Mul(op.Sigmoid(op.Mul(x, 2)), op.Sigmoid(x))),
    has: { Sigmoid: 2 },
  },
  "a group norm with the statistics of LayerNormalization": {
    x: [2, 4, 3, 3],
    y: (op, x, weight) => {
      const normed = op.Reshape(plainNorm(op, op.Reshape(x, op.int64([-1, 2, 18])), 2), op.int64([-1, 4, 3, 3]));
      return silu(op, op.Add(op.Mul(normed, weight(4, 1, 1)), weight(4, 1, 1)));
    },
    has: { LayerNormalization: 1, InstanceNormalization: 0, Sqrt: 0 },
  },
  "a group norm scaled by channel and by sample": {
    x: [2, 4, 2, 3],
    y: (op, x, weight) => {
      const normed = op.Reshape(plainNorm(op, op.Reshape(x, op.int64([-1, 2, 12])), 2), op.int64([-1, 4, 2, 3]));
      return op.Tanh(op.Mul(op.Mul(normed, weight(2, 4, 1, 1)), weight(1, 4, 1, 1)));
    },
    has: { LayerNormalization: 1, Sqrt: 0 },
  },
  "a group norm scaled by place": {
    x: [2, 4, 2, 3],
    y: (op, x, weight) => {
      const normed = op.Reshape(plainNorm(op, op.Reshape(x, op.int64([-1, 2, 12])), 2), op.int64([-1, 4, 2, 3]));
      return op.Add(op.Tanh(op.Mul(normed, weight(4, 2, 3))), op.Mul(normed, weight(1, 1, 1)));
    },
    has: { LayerNormalization: 1 },
  },
  "an instance norm with scale and bias": {
    x: [2, 3, 2, 3],
    y: (op, x, weight) => op.Tanh(op.InstanceNormalization(x, weight(3), weight(3), { epsilon: 0.01 })),
    has: { LayerNormalization: 1, InstanceNormalization: 0, Sqrt: 0 },
  },
  "a norm beside another use of its input": {
    x: [2, 2, 6],
    y: (op, x) => op.Mul(plainNorm(op, x, 2), op.Sub(x, op.ReduceMean(x, op.int64([2]), { keepdims: 1 }))),
    has: { LayerNormalization: 1, InstanceNormalization: 0 },
  },
  "attention, rows first": {
    x: [2, 4, 3],
    y: (op, x, weight) => {
      const [q, k, v] = [1, 2, 3].map(() => op.MatMul(x, weight(3, 3)));
      return op.MatMul(op.Softmax(op.Mul(op.MatMul(q, swap(op, k)), 0.6), { axis: -1 }), v);
    },
    has: { Softmax: 1, Transpose: 0, ReduceSum: 1, Mul: 3 },
  },
  "attention, positions in the columns": {
    x: [2, 3, 4],
    y: (op, x, weight) => {
      const [q, k, v] = [1, 2, 3].map(() => op.MatMul(weight(3, 3), x));
      return op.MatMul(v, swap(op, op.Softmax(op.Mul(op.MatMul(swap(op, q), k), 0.6), { axis: -1 })));
    },
    has: { Softmax: 1 },
  },
  "attention whose weights are read twice": {
    x: [2, 3, 4],
    y: (op, x) => {
      const p = op.Softmax(op.MatMul(swap(op, x), x), { axis: -1 });
      return op.Add(op.MatMul(x, swap(op, p)), op.MatMul(op.Tanh(x), p));
    },
    has: { Softmax: 1 },
  },
  "a transpose that several products share": {
    x: [2, 3, 4],
    y: (op, x, weight) => {
      const t = swap(op, op.MatMul(weight(3, 3), x));
      return op.Add(op.MatMul(t, x), op.MatMul(op.MatMul(t, weight(3, 3)), op.MatMul(x, op.MatMul(t, x))));
    },
    has: {},
  },
  "convolutions with stride 1 as flipped ones": {
    x: [1, 16, 5, 4],
    y: (op, x, weight) => {
      const a = op.Conv(x, weight(16, 16, 3, 3), weight(16), { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
      const b = op.Conv(a, weight(16, 4, 2, 3), { kernel_shape: [2, 3], pads: [0, 2, 1, 0], group: 4 });
      return op.Conv(b, weight(3, 16, 2, 2), { kernel_shape: [2, 2], dilations: [2, 1] });
    },
    has: { ConvTranspose: 0, Conv: 3 },
  },
  "a convolution with few input channels, and one with a stride": {
    x: [1, 3, 5, 5],
    y: (op, x, weight) => {
      const a = op.Conv(x, weight(16, 3, 3, 3), { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
      return op.Conv(a, weight(2, 16, 3, 3), { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] });
    },
    has: { ConvTranspose: 2, Conv: 0 },
  },
  "an average pool that tiles, and a nearest upsampling": {
    x: [1, 2, 4, 4],
    y: (op, x) => {
      const small = op.AveragePool(x, { kernel_shape: [2, 2], strides: [2, 2] });
      const nearest = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
      return op.Mul(op.Resize(op.Tanh(small), null, op.float([1, 1, 2, 2]), nearest), x);
    },
    has: { ConvTranspose: 0 },
  },
  "Einsum as MatMul": {
    x: [2, 3, 4],
    y: (op, x, weight) => {
      const scores = op.Softmax(op.Einsum(x, op.MatMul(weight(3, 3), x), { equation: "bct,bcs->bts" }), { axis: -1 });
      return op.Einsum(scores, x, { equation: "bts,bcs->bct" });
    },
    has: { Einsum: 0 },
  },
};

function build({ x: dims, y }: Net): OnnxModel {
  const random = generator(5);
  const op = graphBuilder();
  const x = op.input("x", "float32", dims);
  const weight = (...shape: number[]): Value => {
    const count = shape.reduce((a, b) => a * b, 1);
    return op.float(
      Array.from({ length: count }, () => random() * 1.6 - 0.8),
      shape,
    );
  };
  op.output("y", y(op, x, weight), "float32");
  return op.model("net");
}

function counts({ graph }: OnnxModel): Record<string, number> {
  const result: Record<string, number> = {};
  for (const { op } of graph.nodes) result[op] = (result[op] ?? 0) + 1;
  return result;
}

async function checkLowered(title: string, net: Net, provider: Provider): Promise<void> {
  const random = generator(11);
  const count = net.x.reduce((a, b) => a * b, 1);
  const values = Float64Array.from({ length: count }, () => Math.fround(random() * 2 - 1));
  const model = build(net);
  await checkGraph({
    title,
    model,
    feeds: { x: { type: "float32", dims: net.x, values } },
    wrt: "x",
    dims: net.x,
    random,
    gradients: lowerings(model, "x"),
    providers: [provider],
  });
}

describe("lower", () => {
  for (const [title, net] of Object.entries(nets)) {
    test(`keeps the gradient of ${title}`, () => checkLowered(title, net, "cpu"));

    test.skipIf(!hasWebGpu)(`keeps the gradient of ${title} on webgpu`, () => checkLowered(title, net, "webgpu"));

    test(`finds ${title}`, () => {
      const lowered = counts(lower(gradientModel(build(net), { of: "y", wrt: "x" }), "cpu"));
      for (const [op, count] of Object.entries(net.has)) expect(lowered[op] ?? 0, op).toBe(count);
    });
  }

  for (const name of ["guided_ddim_cosine", "superres"])
    test(`keeps what the UNet of ${name} computes`, async () => {
      const state = await readCheckpoint(fileSource(goldenFile(name, "model.pt")));
      const unet = buildAdm(state, recognise(state, "unet", unetFlags(readJson(`${name}/case.json`))));
      const random = generator(2);
      const feeds = Object.fromEntries(
        unet.graph.inputs.map(({ name, type, dims }): [string, Values] => {
          const sizes = dims!.map((dim) => (typeof dim === "number" ? dim : 2));
          const count = sizes.reduce((a, b) => a * b, 1);
          const values = Float64Array.from({ length: count }, () => (type === "int64" ? 3 : 2 * random() - 1));
          return [name, { type, dims: sizes, values }];
        }),
      );
      const run = async (graph: OnnxModel) =>
        (await (await openSession(await writeModel(graph), "cpu")).run(feeds)).out;
      const expected = await run(unet);
      for (const flavour of ["cpu", "portable"] as const)
        expect(relativeError((await run(lower(unet, flavour))).values, expected.values)).toBeLessThan(1e-5);
    });

  test("writes out what WebGPU has no kernel for", async () => {
    const op = graphBuilder();
    const x = op.input("x", "float32", ["N", 4, 3]);
    const [gamma, beta] = [op.float([1, 2]), op.float([0.5, -1])];
    const normed = op.GroupNormalization(x, gamma, beta, { num_groups: 2 });
    const labels = op.Cast(op.Mul(op.ReduceMax(x, op.int64([2]), { keepdims: 0 }), 3), { to: "int64" });
    const hot = op.Unsqueeze(
      op.ReduceMax(op.OneHot(labels, op.int64([3]), op.float([0, 2])), op.int64([1]), { keepdims: 0 }),
      op.int64([1]),
    );
    op.output("y", op.Sum(op.LogSoftmax(normed, { axis: 1 }), hot, x), "float32");
    const model = op.model("missing");
    const portable = lower(model, "portable");
    for (const operator of ["GroupNormalization", "LogSoftmax", "OneHot", "Sum"])
      expect(counts(portable)).not.toHaveProperty(operator);
    const values = Float64Array.from({ length: 24 }, (_, i) => Math.sin(i));
    const results = await Promise.all(
      [model, portable].map(async (graph) => {
        const session = await openSession(await writeModel(graph), "cpu");
        return (await session.run({ x: { type: "float32", dims: [2, 4, 3], values } })).y.values;
      }),
    );
    expect(relativeError(results[1], results[0])).toBeLessThan(1e-5);
  });

  test("gives WebGPU no operator of onnxruntime's own", () => {
    for (const net of Object.values(nets))
      expect([...lower(gradientModel(build(net), { of: "y", wrt: "x" }), "portable").opsets.keys()]).toEqual([""]);
  });
});
