/** Chains of what the rows look for, in any order: what is lowered computes what it did. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { flavours, type GraphBuilder, graphBuilder, lower, type Value, writeModel } from "../../../onnx/index.ts";
import { relativeError } from "../../support/check-graph.ts";
import { generator } from "../../support/random.ts";
import { openSession } from "../../support/sessions.ts";

const [samples, channels, side] = [2, 4, 4];

interface Step {
  readonly op: GraphBuilder;
  readonly x: Value;
  readonly weight: (...dims: number[]) => Value;
  /** A network that takes any number of samples. */
  readonly open: number;
}

const twice = { mode: "nearest", coordinate_transformation_mode: "asymmetric", nearest_mode: "floor" };
const window = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
const halved = ({ op }: Step, x: Value) => op.AveragePool(x, { kernel_shape: [2, 2], strides: [2, 2] });

/** All from 4 channels of 4×4 to the same. */
const steps = {
  tanh: ({ op, x }) => op.Tanh(x),
  number: ({ op, x }) => op.Mul(x, 1.25),
  quotient: ({ op, x }) => op.Div(x, 1.5),
  channel: ({ op, x, weight }) => op.Mul(x, weight(channels, 1, 1)),
  sample: ({ op, x, weight }) => op.Mul(weight(samples, 1, 1, 1), x),
  both: ({ op, x, weight }) => op.Mul(x, weight(samples, channels, 1, 1)),
  place: ({ op, x, weight }) => op.Mul(x, weight(side, side)),
  mean: ({ op, x }) => op.Mul(op.ReduceMean(x, op.int64([2, 3]), { keepdims: 1 }), x),
  shared: ({ op, x }) => op.Mul(x, op.Sigmoid(x)),
  conv: ({ op, x, weight }) => op.Conv(x, weight(channels, channels, 3, 3), window),
  biased: ({ op, x, weight }) => op.Conv(x, weight(channels, channels, 3, 3), weight(channels), window),
  turned: ({ op, x, weight }) =>
    op.Conv(x, op.Transpose(weight(channels, channels, 1, 1), { perm: [1, 0, 2, 3] }), { kernel_shape: [1, 1] }),
  larger: (step) => {
    const { op, x, open } = step;
    const planes = op.Reshape(x, op.int64([-1, 1, side, side]));
    const large = op.Resize(planes, null, op.float([1, 1, 2, 2]), twice);
    return halved(step, op.Reshape(large, op.int64([open, channels, 2 * side, 2 * side])));
  },
  grouped: ({ op, x, open, weight }) => {
    const grouped = op.Mul(op.Reshape(x, op.int64([open, 2, 2, side * side])), weight(2, 2, 1));
    return op.Reshape(op.Mul(grouped, weight(samples, 2, 1, 1)), op.int64([open, channels, side, side]));
  },
} satisfies Readonly<Record<string, (step: Step) => Value>>;

const names = Object.keys(steps) as (keyof typeof steps)[];

test("lowering keeps what a chain of scales, views and convolutions computes", async () => {
  const chains = fc.array(fc.constantFrom(...names), { minLength: 2, maxLength: 8 });
  const one = fc.record({ chain: chains, seed: fc.nat(), isOpen: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(one, async ({ chain, seed, isOpen }) => {
      const random = generator(seed + 1);
      const op = graphBuilder();
      const weight = (...dims: number[]): Value => {
        const count = dims.reduce((a, b) => a * b, 1);
        return op.float(
          Array.from({ length: count }, () => random() * 1.6 - 0.8),
          dims,
        );
      };
      const x = op.input("x", "float32", [isOpen ? "N" : samples, channels, side, side]);
      const open = isOpen ? -1 : samples;
      op.output(
        "y",
        chain.reduce((x, name) => steps[name]({ op, x, weight, open }), x),
        "float32",
      );
      const model = op.model("chain");
      const dims = [samples, channels, side, side];
      const values = Float64Array.from({ length: samples * channels * side ** 2 }, () => random() * 2 - 1);
      const run = async (graph: typeof model) => {
        const session = await openSession(await writeModel(graph), "cpu");
        const { y } = await session.run({ x: { type: "float32", dims, values } });
        await session.release();
        return y.values;
      };
      const expected = await run(model);
      for (const flavour of flavours)
        expect(relativeError(await run(lower(model, flavour)), expected)).toBeLessThan(1e-5);
    }),
    { numRuns: 60 },
  );
});
