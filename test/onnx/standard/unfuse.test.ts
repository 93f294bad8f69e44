/**
 * Operators that stand for several: the gradient of what they are taken apart into agrees with central differences of the
 * runtime's own kernel, so the two are the same function.
 */
import { describe, expect, test } from "vitest";
import { gradientModel, graphBuilder, writeModel } from "../../../onnx/index.ts";
import { unfuse } from "../../../onnx/standard/unfuse.ts";
import { checkGradient, type GradientCase, ints, materialise, oneNode } from "../../support/check-gradient.ts";
import { generator } from "../../support/random.ts";
import { openSession } from "../../support/sessions.ts";

const domain = "com.microsoft";
const half = { dims: [5, 2], values: Array.from({ length: 10 }, (_, i) => Math.sin(i * 1.3)), constant: true };
const other = { ...half, values: Array.from({ length: 10 }, (_, i) => Math.cos(i * 1.3)) };

/** A scalar that is known before the run. */
const whole = (value: number) => ints([value], []);

/** Places that lie no nearer to a pixel's middle than the differences step. */
const between = { step: 0.004, tolerance: 3e-3, fixedShapes: true } as const;
const cells = { output_height: 2, output_width: 3 } as const;
/** x₁, y₁, x₂, y₂: inside, over an edge, and far outside. */
const regions = {
  dims: [3, 4],
  values: [0.63, 0.71, 4.17, 3.43, -1.37, 1.63, 2.59, 6.27, 7.87, 8.63, 11.39, 12.21],
};
const offsets = (...dims: readonly number[]) => ({
  dims: [2, ...dims],
  values: Array.from(
    { length: 2 * dims.reduce((a, b) => a * b) },
    (_, i) => ((i * 7) % 5) - 2 + 0.2 + 0.15 * ((i * 3) % 5),
  ),
});

const bothOutputs = { outputs: [true, true], fixedShapes: true } as const;
const twoHeads = { q_num_heads: 2, kv_num_heads: 2 };

const contrib: Record<string, readonly GradientCase[]> = {
  CausalConvWithState: [
    { x: [[2, 3, 5], [3, 1, 3], [3], [2, 3, 2]], ...bothOutputs },
    {
      x: [
        [1, 2, 4],
        [2, 1, 2],
      ],
      attrs: { activation: "silu" },
      ...bothOutputs,
    },
  ],
  LinearAttention: [
    {
      x: [
        [2, 3, 4],
        [2, 3, 4],
        [2, 3, 6],
      ],
      attrs: { ...twoHeads, update_rule: "linear" },
      ...bothOutputs,
    },
    {
      x: [
        [2, 3, 8],
        [2, 3, 4],
        [2, 3, 6],
        [2, 2, 2, 3],
        [2, 3, 4],
      ],
      attrs: { q_num_heads: 4, kv_num_heads: 2, update_rule: "gated", scale: 0.5 },
      ...bothOutputs,
    },
    {
      x: [[1, 4, 4], [1, 4, 4], [1, 4, 4], null, null, [1, 4, 1]],
      attrs: { ...twoHeads, update_rule: "delta" },
      ...bothOutputs,
    },
    {
      x: [
        [2, 3, 4],
        [2, 3, 4],
        [2, 3, 6],
        [2, 2, 2, 3],
        [2, 3, 2],
        [2, 3, 2],
      ],
      attrs: { ...twoHeads, update_rule: "gated_delta" },
      ...bothOutputs,
    },
  ],
  Gelu: [{ x: [[2, 3]] }],
  QuickGelu: [{ x: [[2, 3]] }, { x: [[2, 3]], attrs: { alpha: 0.7 } }],
  BiasGelu: [{ x: [[2, 3], [3]] }],
  FastGelu: [{ x: [[2, 3]] }, { x: [[2, 3], [3]] }],
  FusedMatMul: [
    {
      x: [
        [2, 3, 2],
        [2, 2, 3],
      ],
    },
    {
      x: [
        [2, 3, 2],
        [2, 2, 3],
      ],
      attrs: { transA: 1, transB: 1, alpha: -2 },
    },
    {
      x: [
        [2, 3, 2],
        [2, 3, 2],
      ],
      attrs: { transB: 1, alpha: 0.5 },
    },
  ],
  SkipLayerNormalization: [
    { x: [[1, 2, 4], [1, 2, 4], [4], [4], [4]], attrs: { epsilon: 0.1 }, fixedShapes: true },
    { x: [[1, 2, 4], [1, 2, 4], [4]], attrs: { epsilon: 0.1 }, outputs: [true, false, false, true], fixedShapes: true },
  ],
  SkipSimplifiedLayerNormalization: [{ x: [[1, 2, 4], [1, 2, 4], [4]], attrs: { epsilon: 0.1 }, fixedShapes: true }],
  FusedConv: [
    { x: [[1, 2, 4, 4], [3, 2, 3, 3], [3]], attrs: { activation: "Tanh", pads: [1, 1, 1, 1] }, fixedShapes: true },
    { x: [[1, 2, 4, 4], [3, 2, 3, 3], [3], [1, 3, 2, 2]], attrs: { activation: "Sigmoid" }, fixedShapes: true },
  ],
  FusedGemm: [{ x: [[2, 3], [4, 3], [4]], attrs: { activation: "Tanh", transB: 1, alpha: 0.5 } }],
  MultiHeadAttention: [
    {
      x: [
        [1, 3, 4],
        [1, 2, 4],
        [1, 2, 4],
      ],
      attrs: { num_heads: 2 },
      fixedShapes: true,
    },
    { x: [[1, 3, 4], [1, 3, 4], [1, 3, 4], [12]], attrs: { num_heads: 2, scale: 0.4 }, fixedShapes: true },
  ],
};

const standard: Record<string, readonly GradientCase[]> = {
  Attention: [
    {
      x: [
        [1, 2, 3, 4],
        [1, 2, 5, 4],
        [1, 2, 5, 3],
      ],
      opset: 23,
      fixedShapes: true,
    },
    {
      x: [
        [1, 3, 8],
        [1, 3, 4],
        [1, 3, 4],
      ],
      attrs: { q_num_heads: 4, kv_num_heads: 2, is_causal: 1 },
      opset: 23,
      fixedShapes: true,
    },
    {
      x: [
        [1, 2, 3, 4],
        [1, 2, 5, 4],
        [1, 2, 5, 3],
        [3, 5],
      ],
      attrs: { scale: 0.3, softcap: 1.5 },
      opset: 23,
      fixedShapes: true,
    },
    {
      x: [[1, 1, 2, 4], [1, 1, 2, 4], [1, 1, 2, 4], null, [1, 1, 3, 4], [1, 1, 3, 4]],
      attrs: { is_causal: 1 },
      outputs: [true, true, true],
      opset: 23,
      fixedShapes: true,
    },
  ],
  RotaryEmbedding: [
    { x: [[1, 2, 3, 4], half, other, ints([0, 2, 4], [1, 3])], opset: 23, fixedShapes: true },
    {
      x: [[1, 3, 8], half, other, ints([0, 2, 4], [1, 3])],
      attrs: { num_heads: 2, interleaved: 1 },
      opset: 23,
      fixedShapes: true,
    },
    {
      x: [[1, 2, 3, 6], half, other, ints([0, 2, 4], [1, 3])],
      attrs: { rotary_embedding_dim: 4 },
      opset: 23,
      fixedShapes: true,
    },
  ],
  DFT: [
    { x: [[2, 5, 1]], opset: 17, fixedShapes: true },
    { x: [[2, 5, 3, 2]], attrs: { axis: 2, inverse: 1 }, opset: 17, fixedShapes: true },
    { x: [[2, 5, 1], whole(4)], attrs: { onesided: 1 }, opset: 17, fixedShapes: true },
    { x: [[2, 4, 2], whole(6), whole(-2)], opset: 20, fixedShapes: true },
    { x: [[3, 2, 5, 1], null, whole(1)], attrs: { onesided: 1 }, opset: 20, fixedShapes: true },
  ],
  STFT: [
    { x: [[2, 9, 1], whole(2), [4]], opset: 17, fixedShapes: true },
    { x: [[1, 9, 1], whole(3), null, whole(5)], attrs: { onesided: 0 }, opset: 17, fixedShapes: true },
  ],
  CumProd: [
    { x: [[2, 4], whole(1)], opset: 26, fixedShapes: true },
    { x: [[3, 2, 2], whole(-3)], attrs: { exclusive: 1, reverse: 1 }, opset: 26, fixedShapes: true },
  ],
  RoiAlign: [
    { x: [[2, 2, 5, 6], regions, ints([1, 0, 1])], attrs: { ...cells, sampling_ratio: 2 }, opset: 18, ...between },
    {
      x: [[2, 1, 5, 6], regions, ints([0, 1, 1])],
      attrs: { ...cells, sampling_ratio: 1, spatial_scale: 0.5, coordinate_transformation_mode: "output_half_pixel" },
      opset: 20,
      ...between,
    },
  ],
  DeformConv: [
    { x: [[2, 2, 4, 5], [3, 2, 2, 2], offsets(8, 3, 4)], opset: 19, ...between },
    {
      x: [[2, 4, 5, 5], [4, 2, 3, 3], offsets(36, 3, 3), [4], [2, 18, 3, 3]],
      attrs: { group: 2, offset_group: 2, pads: [1, 1, 1, 1], strides: [2, 2], kernel_shape: [3, 3] },
      opset: 22,
      ...between,
    },
    {
      x: [[2, 2, 6, 6], [2, 1, 2, 2], offsets(8, 6, 5), null, [2, 4, 6, 5]],
      attrs: { group: 2, dilations: [2, 1], pads: [2, 0, 0, 0] },
      opset: 19,
      ...between,
    },
  ],
  // The scale alone follows x smoothly.
  DynamicQuantizeLinear: [{ x: [{ dims: [4], values: [-0.5, 0.25, 1.5, 0.75] }], outputs: [false, true, false] }],
  SimplifiedLayerNormalization: [{ x: [[2, 3, 4], [4]], attrs: { epsilon: 0.1 }, fixedShapes: true }],
};

describe.each([
  ["onnxruntime's own", domain, contrib],
  ["of ai.onnx", "", standard],
])("operators that are several, %s", (_, domain, cases) => {
  for (const [op, list] of Object.entries(cases))
    test.each(list.map((given, i) => [i, given] as const))(
      `${op} is taken apart for its gradient (case %i)`,
      async (_, given) => {
        const inputs = given.x.map((operand, i) => operand && materialise(operand, `x${i}`, generator(i)));
        const apart = unfuse(oneNode(op, { ...given, domain }, inputs, false)).graph.nodes;
        expect(apart.filter((node) => node.op === op && node.domain === domain)).toEqual([]);
        await checkGradient(op, { ...given, domain });
      },
    );
});

test("GroupNorm, which has no kernel on the processor, is GroupNormalization over channels that come last", async () => {
  const build = (fused: boolean) => {
    const op = graphBuilder();
    const [x, gamma, beta] = [
      op.input("x", "float32", [1, 2, 2, 4]),
      op.float([1, 2, 3, 4]),
      op.float([0.1, 0.2, 0.3, 0.4]),
    ];
    const normed = (): string => {
      const turned = op.GroupNormalization(op.Transpose(x, { perm: [0, 3, 1, 2] }), gamma, beta, { num_groups: 2 });
      return op.Transpose(op.Mul(turned, op.Sigmoid(turned)), { perm: [0, 2, 3, 1] });
    };
    const y = fused ? op.node("GroupNorm", [x, gamma, beta], { groups: 2, activation: 1 }, 1, domain)[0] : normed();
    op.output("y", y, "float32", [1, 2, 2, 4]);
    return op.model("norm", 21);
  };
  const feeds = {
    x: { type: "float32", dims: [1, 2, 2, 4], values: Float64Array.from({ length: 16 }, (_, i) => Math.sin(i)) },
  } as const;
  const dy = { d_y: { ...feeds.x, values: feeds.x.values.map((v) => v * v) } };
  const gradients = await Promise.all(
    [true, false].map(async (fused) => {
      const session = await openSession(await writeModel(gradientModel(build(fused), { of: "y", wrt: "x" })), "cpu");
      return [...(await session.run({ ...feeds, ...dy })).d_x.values];
    }),
  );
  gradients[0].forEach((value, i) => {
    expect(value).toBeCloseTo(gradients[1][i], 5);
  });
});
