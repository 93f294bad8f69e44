/** A drawing is weighed by what facts tell of its values as by the values themselves. */
import { describe, expect, test } from "vitest";
import { type AnyNode, type Kind, kindList, nodes, type Port, standIn, traitsOf } from "../../nodes/index.ts";
import { batch, channels, dims, graphOf, type Placed, side, values } from "../support/drawn.ts";

const size = { batch, channels, height: side, width: side };

/** What is known of each of the values before they are there. */
const facts: { readonly [K in Kind]?: object } = {
  tensor: size,
  "number,tensor": { batch, channels: 1, height: 1, width: 1 },
  image: { batch: 1, channels: 1, height: side, width: side },
  noise: size,
  prediction: size,
  model_output: { ...(values.model_output?.facts ?? {}), ...size },
  labels: { batch },
};

/** A text and a switch decide how a graph is drawn by what they are; a handle is made by its own node. */
const isKnown = (kind: Kind): boolean => !traitsOf(kind)?.handle && kind !== "text" && kind !== "boolean";

/** A node, and which of its outputs leads from which of its inputs, if any. */
const ways: readonly [keyof typeof nodes, string, string, readonly string[]][] = [
  ["guidegraph/mean-variance", "x", "mean", []],
  ["guidegraph/ddpm-step", "", "x", []],
  ["guidegraph/add-noise", "x0", "x", []],
  ["guidegraph/mask", "tensor", "tensor", []],
  ["guidegraph/log-probability", "x", "log_probability", ["logits"]],
  ["guidegraph/apply-network", "x", "tensor", ["step", "other"]],
  ["guidegraph/guidance-gradient", "x", "gradient", []],
  ["guidegraph/scale", "tensor", "tensor", []],
  ["guidegraph/draw-noise", "", "eps", []],
];

describe("a stand-in", () => {
  test("is there for every kind but those that decide by their value", () => {
    const told = kindList.filter((kind) => standIn(kind, facts[kind] ?? {}) !== undefined);
    expect(told).toEqual(kindList.filter(isKnown));
  });

  const sizes = ["batch", "channels", "height", "width"];
  const decisive: Readonly<Partial<Record<Kind, readonly string[]>>> = {
    tensor: sizes,
    "number,tensor": sizes,
    image: sizes,
    noise: sizes,
    prediction: sizes,
    model_output: [...sizes, "learnSigma", "predicts"],
  };
  test.each(Object.entries(decisive))("is not there of a %s of which one of %j is not known", (given, names) => {
    const kind = given as Kind;
    for (const name of names) expect(standIn(kind, { ...facts[kind], [name]: undefined })).toBeUndefined();
  });

  test.each(ways)("weighs as much as its value in %s", async (type, port, output, without) => {
    const definition = nodes[type] as AnyNode;
    const ports = Object.entries<Port>(definition.inputs).filter(([name]) => !without.includes(name) && name !== port);
    const weighed = (of: (kind: Kind) => unknown) => {
      const inputs = ports.map(([name, { kind, parameter }]) => [name, { value: parameter?.default ?? of(kind) }]);
      const variable = { from: "variable" } as const;
      const [node, sum]: readonly Placed[] = [
        { path: "1", definition, inputs: { ...Object.fromEntries(inputs), ...(port && { [port]: variable }) } },
        {
          path: "2",
          definition: nodes["guidegraph/add"] as AnyNode,
          inputs: { a: variable, b: { value: values.tensor }, weight_a: { value: 1 }, weight_b: { value: 1 } },
        },
      ];
      const graph = port ? graphOf([node], ["1", output]) : graphOf([node, sum], ["2", "tensor"]);
      return graph.weigh({ dims, data: new Float32Array(0) }, [{ of: "1", output }]);
    };
    const whole = await weighed((kind) => values[kind]);
    expect(whole.values).toBeGreaterThan(0);
    expect(await weighed((kind) => (isKnown(kind) ? standIn(kind, facts[kind] ?? {}) : values[kind]))).toEqual(whole);
  });
});
