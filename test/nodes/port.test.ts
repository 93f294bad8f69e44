/** Ports give `run` its types; most of this is checked by the compiler. */
import { expect, test } from "vitest";
import { defineNode, type Facts, port, type Values } from "../../nodes/index.ts";

const base = { version: 1, title: "T", category: "tensors", description: "Does." } as const;
const inputs = { x: port.tensor(), labels: port.labels({ optional: true }), scale: port.number({ default: 1 }) };

test("run receives the values of its ports and returns the declared ones", () => {
  const node = defineNode({
    ...base,
    type: "guidegraph/t",
    inputs,
    outputs: { x: port.tensor(), labels: port.labels({ optional: true }) },
    infer: ({ x, labels }) => ({ x: { height: x?.height ?? 1 }, ...(labels && { labels }) }),
    run: ({ x, labels, scale }) => {
      const factor: number = scale;
      // @ts-expect-error an optional input may be absent
      const count: number = labels.values.length;
      return { x: { ...x, data: x.data.map((value) => factor * value + count) } };
    },
  });
  expect(node.outputs.x.kind).toBe("tensor");
});

test("a wrong port name or type does not compile", () => {
  const outputs = { x: port.tensor() };
  // @ts-expect-error a number is not a tensor
  defineNode({ ...base, type: "guidegraph/t", inputs, outputs, run: () => ({ x: 1 }) });
  // @ts-expect-error the output is called x
  defineNode({ ...base, type: "guidegraph/t", inputs, outputs, run: ({ x }) => ({ y: x }) });
  // @ts-expect-error there is no input y
  defineNode({ ...base, type: "guidegraph/t", inputs, outputs, run: ({ y }) => ({ x: y }) });
  defineNode({
    ...base,
    type: "guidegraph/t",
    inputs,
    outputs,
    // @ts-expect-error labels have no size
    infer: ({ labels }) => ({ x: { size: labels?.size } }),
    run: ({ x }) => ({ x }),
  });
  // @ts-expect-error types begin with guidegraph/
  defineNode({ ...base, type: "other/t", inputs, outputs, run: ({ x }) => ({ x }) });
  // @ts-expect-error a number's default is a number
  expect(port.number({ default: "1" }).parameter?.default).toBe("1");
  // @ts-expect-error there is no such meaning
  expect(port.tensor({ meaning: "sigma" }).meaning).toBe("sigma");
});

test("values and facts have the ports' names", () => {
  const values: Values<typeof inputs> = { x: { dims: [1], data: Float32Array.of(1) }, scale: 2 };
  const facts: Facts<typeof inputs> = { x: { height: 32, width: 32, meaning: "x" }, labels: { batch: 2, max: 9 } };
  // @ts-expect-error a required input is missing
  const missing: Values<typeof inputs> = { scale: 2 };
  expect([values.scale, facts.x?.height, missing.scale]).toEqual([2, 32, 2]);
});
