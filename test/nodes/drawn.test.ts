/**
 * Every node that is drawn is computed too, and the two are one function: by their values, and by the gradient of the drawn
 * form against central differences of the computed one.
 */
import { describe, expect, test } from "vitest";
import { norms, type Tensor } from "../../diffusion/index.ts";
import {
  type AnyNode,
  drawnKinds,
  type Kind,
  type ModelOutput,
  nodes,
  type Ports,
  type Registry,
} from "../../nodes/index.ts";
import { modelsOf } from "../../runtime/index.ts";
import {
  dims,
  graphOf,
  models,
  type Placed,
  portsOf,
  randomTensor,
  runAll,
  step,
  tensorsOf,
  values,
} from "../support/drawn.ts";
import {
  all,
  cases,
  chosen,
  constant,
  drawn,
  inputsOf,
  makers,
  oneEach,
  plain,
  readers,
  spreadInputs,
} from "../support/drawn-cases.ts";
import { memoryNetworks } from "../support/memory-networks.ts";

const isDrawnKind = (kind: Kind): boolean => (drawnKinds as readonly Kind[]).includes(kind);
const carries = ({ inputs, outputs }: AnyNode): boolean =>
  [inputs, outputs].every((ports) => Object.values<Ports[string]>(ports).some(({ kind }) => isDrawnKind(kind)));

describe("an index that is not there is refused by the drawn form as by the run", () => {
  const readers = { "guidegraph/gather": "indices", "guidegraph/pick": "index" } as const;
  const [tensor, a] = [{ from: "variable" }, { from: ["1", "tensor"] }] as const;
  const cases = Object.entries(readers).flatMap(([type, port]) =>
    [-1, -0.5, 0.5, 7].flatMap((index) => ["outside", "inside"].map((from) => ({ type, port, index, from }))),
  );
  test.each(cases)("$index of $type, from $from", async ({ type, port, index, from }) => {
    const found = from === "inside" ? { from: ["2", "tensor"] as const } : { value: oneEach(0, index) };
    const graph: Placed[] = [
      {
        ...{ path: "1", definition: nodes["guidegraph/reduce"] as AnyNode },
        inputs: { tensor, by: { value: "mean" }, over: { value: "sample" } },
      },
      {
        ...{ path: "2", definition: nodes["guidegraph/formula"] as AnyNode },
        inputs: { formula: { value: `0 * a + ${index}` }, a },
      },
      { path: "3", definition: (nodes as Registry)[type] as AnyNode, inputs: { tensor, [port]: found } },
    ];
    await expect(runAll(graph, randomTensor(7))).rejects.toThrow(RegExp(`${index}`));
    const drawn = from === "inside" ? graph : graph.slice(2);
    const run = graphOf(drawn, ["3", "tensor"]).run(randomTensor(7), ["gradient"]);
    await expect(run).rejects.toThrow(
      /"tensor" of (Pick|Gather) holds \d+ NaN of \d+ values.*an index that is not there/,
    );
  });
});

const sum = ({ data }: Tensor): number => data.reduce((total, value) => total + value, 0);

test("every node that carries tensors on is drawn, or says why not", () => {
  const silent = all.filter((node) => carries(node) && !node.draw && node.undrawn === undefined);
  expect(silent.map(({ type }) => type)).toEqual([]);
  expect(Object.keys(cases).filter((type) => !drawn.some((node) => node.type === type))).toEqual([]);
});

describe.each(drawn.map((definition) => [definition.title, definition] as const))("%s", (_, definition) => {
  const variants = cases[definition.type] ?? plain;

  test.each(variants.map((one) => [one.name, one] as const))("is drawn as it is computed, %s", async (_, variant) => {
    const given = inputsOf(definition, variant);
    const ways = Object.entries(portsOf(definition)).flatMap(([port, { kind, parameter }]) => {
      // An operand is a tensor as well as a number a sample.
      const kinds = kind === "number,tensor" && !parameter ? (["tensor", kind] as const) : [kind];
      return kinds.flatMap((one) => (makers[one] ? [[port, one, makers[one]] as const] : []));
    });
    for (const [port, kind, maker] of ways) {
      if (!(port in given)) continue;
      if (chosen[definition.type] === port) continue;
      if (kind === "tensor" && (given[port] as Tensor).dims.join() !== dims.join()) continue;
      const inputs = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }]));
      const node: Placed = { path: "5", definition, inputs: { ...inputs, [port]: maker.from } };
      for (const [output, out] of Object.entries<Ports[string]>(definition.outputs)) {
        const reader = readers[out.kind]?.(["5", output]);
        if (!reader) continue;
        const whole = [...maker.nodes, node, ...reader.nodes];
        const graph = graphOf(whole, reader.of);
        const at = randomTensor(7);
        if (constant.has(definition.type)) {
          const [found] = await graph.run(at, [{ of: "5", output }]);
          expectClose(found as Tensor, (await runAll(whole, at)).get("5")![output] as Tensor, output);
          await expect(graph.run(at, ["gradient"])).rejects.toThrow(`ends at StopGradient of “${definition.title}”`);
          continue;
        }
        const [found, gradient] = await graph.run(at, [{ of: "5", output }, "gradient"]).catch(async (error) => {
          // Not every output depends on every input, and one that does not is refused.
          expect(String(error)).toMatch(/does not depend/);
          return [...(await graph.run(at, [{ of: "5", output }])), { dims, data: at.data.map(() => 0) }];
        });
        if (variant === variants[0] && sum(gradient as Tensor) !== 0)
          await expectPassedOver(whole, reader.of, gradient as Tensor, at, `${port} → ${output}`);
        const expected = (await runAll(whole, at)).get("5")![output];
        const tensors = tensorsOf(out.kind, found);
        for (const [name, tensor] of Object.entries(tensorsOf(out.kind, expected)))
          expectClose(tensors[name], tensor, `${port} → ${output} ${name}`);
        await expectSlope(
          gradient as Tensor,
          at,
          async (x) => sum((await runAll(whole, x)).get(reader.of[0])![reader.of[1]] as Tensor),
          `${port} → ${output}`,
          variant.h,
        );
      }
    }
  });
});

/** The gradient stays what it is where a choice passes over the same nodes after a pole, whatever else of the variable they take. */
async function expectPassedOver(
  whole: readonly Placed[],
  of: readonly [string, string],
  gradient: Tensor,
  at: Tensor,
  what: string,
): Promise<void> {
  const pole: Placed = {
    path: "pole",
    definition: nodes["guidegraph/formula"] as AnyNode,
    inputs: { formula: { value: "1 / (a - a)" }, a: { from: "variable" } },
  };
  const again = (given: Placed["inputs"][string], isTensor: boolean): Placed["inputs"][string] => {
    if ("value" in given)
      return isTensor && (given.value as Tensor).dims.join() === dims.join() ? { from: "variable" } : given;
    return given.from === "variable"
      ? { from: ["pole", "tensor"] }
      : { from: [`over ${given.from[0]}`, given.from[1]] };
  };
  const over = whole.map(({ path, definition, inputs }) => ({
    ...{ path: `over ${path}`, definition },
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([port, given]) => [port, again(given, portsOf(definition)[port].kind === "tensor")]),
    ),
  }));
  const choice: Placed = {
    path: "choice",
    definition: nodes["guidegraph/switch"] as AnyNode,
    inputs: { condition: { value: 0 }, a: { from: [`over ${of[0]}`, of[1]] }, b: { from: of } },
  };
  const [found] = await graphOf([pole, ...over, ...whole, choice], ["choice", "tensor"]).run(at, ["gradient"]);
  expectClose(found as Tensor, gradient, `${what}, passed over`);
}

const takesTensors = (ports: Ports): boolean => Object.values(ports).some(({ kind }) => kind === "tensor");

test.each(["judge.onnx", "reader.onnx"])("draws of each sample are judged by %s as they are computed", async (file) => {
  const classifier = await models.classifier({ file, sha256: "", flags: "" });
  const value = (value: unknown) => ({ value });
  const whole: Placed[] = [
    { path: "1", definition: nodes["guidegraph/repeat"], inputs: { tensor: { from: "variable" }, times: value(3) } },
    {
      path: "2",
      definition: nodes["guidegraph/log-probability"],
      inputs: {
        ...{ classifier: value(classifier), step: value(values.step), x: { from: ["1", "tensor"] } },
        labels: value({ values: [0, 0, 0, 2, 2, 4] }),
      },
    },
    {
      path: "3",
      definition: nodes["guidegraph/reduce-draws"],
      inputs: { tensor: { from: ["2", "log_probability"] }, of: value(3), by: value("log-mean-exp") },
    },
  ];
  const at = randomTensor(7);
  const [found, gradient] = await graphOf(whole, ["3", "tensor"]).run(at, [{ of: "3", output: "tensor" }, "gradient"]);
  expectClose(found as Tensor, (await runAll(whole, at)).get("3")!.tensor as Tensor, file);
  const value3 = async (x: Tensor) => sum((await runAll(whole, x)).get("3")!.tensor as Tensor);
  await expectSlope(gradient as Tensor, at, value3, file);
});

test.each([
  ["labels of their own", "", [0, 0, 0, 2, 3, 1]],
  ["one label for all", "", [2]],
  ["the null label", "--null_label 3", undefined],
] as const)("draws of each sample are predicted by %s as they are computed", async (what, flags, values) => {
  const model = await models.unet({
    ...{ file: "unet.onnx", sha256: "", flags: `--num_classes 4 --learn_sigma true ${flags}` },
  });
  const value = (value: unknown) => ({ value });
  const labels = values && { labels: value({ values }) };
  const repeated = { from: ["1", "tensor"] } as const;
  const whole: Placed[] = [
    { path: "1", definition: nodes["guidegraph/repeat"], inputs: { tensor: { from: "variable" }, times: value(3) } },
    {
      path: "2",
      definition: nodes["guidegraph/predict"],
      inputs: { model: value(model), x: repeated, step: value(step), ...labels },
    },
    {
      path: "3",
      definition: nodes["guidegraph/mean-variance"],
      inputs: { ...spreadInputs(), model_output: { from: ["2", "model_output"] }, x: repeated },
    },
  ];
  const at = randomTensor(7);
  const [found, gradient] = await graphOf(whole, ["3", "mean"]).run(at, [{ of: "3", output: "mean" }, "gradient"]);
  expectClose(found as Tensor, (await runAll(whole, at)).get("3")!.mean as Tensor, what);
  await expectSlope(gradient as Tensor, at, async (x) => sum((await runAll(whole, x)).get("3")!.mean as Tensor), what);
});

test("a part that begins elsewhere at every run is one graph, and one outside is refused at its node", async () => {
  const builds: string[] = [];
  const networks = memoryNetworks(new Map(), (key) => builds.push(key));
  const definition = nodes["guidegraph/crop"] as AnyNode;
  const given = { top: { value: 0 }, left: { value: 0 }, height: { value: 3 }, width: { value: 2 } };
  const whole: Placed[] = [{ path: "1", definition, inputs: { tensor: { from: "variable" }, ...given } }];
  const graph = graphOf(whole, ["1", "tensor"], modelsOf(networks));
  const at = randomTensor(7);
  const partAt = (left: number) => graph.run(at, [{ of: "1", output: "tensor" }, "gradient"], [0, left, 3, 2]);
  for (const left of [0, 1, 2, -1]) {
    const [found, gradient] = await partAt(left);
    const inputs = { ...whole[0].inputs, left: { value: left } };
    expectClose(found as Tensor, (await runAll([{ ...whole[0], inputs }], at)).get("1")!.tensor as Tensor, `${left}`);
    expect(sum(gradient as Tensor)).toBe(2 * 3 * 3 * (left < 0 ? 1 : 2));
  }
  expect(builds).toHaveLength(1);
  await expect(partAt(4)).rejects.toMatchObject({ path: "1", port: "left", message: /Nothing of the picture/ });
  await networks.close();
});

/** Features of a network are N×K×1×1: what takes no such tensor says so in words, drawn or computed. */
test.each(drawn.filter(({ inputs }) => takesTensors(inputs)).map((one) => [one.title, one] as const))(
  "%s takes features of a network, or refuses them",
  async (_, definition) => {
    const seen: Placed = {
      path: "1",
      definition: nodes["guidegraph/apply-network"],
      inputs: { network: { value: values.network }, x: { from: "variable" }, output: { value: "" } },
    };
    const other = { value: randomTensor(6, [2, 5, 1, 1]) };
    const [variant] = cases[definition.type] ?? plain;
    const given = Object.entries(inputsOf(definition, variant)).map(([name, value]) => [name, { value }] as const);
    for (const [port, { kind }] of Object.entries(portsOf(definition))) {
      if (kind !== "tensor") continue;
      const others = given.map(([name, set]) => [name, portsOf(definition)[name].kind === "tensor" ? other : set]);
      const inputs = { ...Object.fromEntries(others), [port]: { from: ["1", "tensor"] } };
      if (isRefused(definition, inputs)) continue;
      const whole: Placed[] = [seen, { path: "5", definition, inputs }];
      for (const [output, { kind }] of Object.entries<Ports[string]>(definition.outputs)) {
        if (kind !== "tensor") continue;
        const at = randomTensor(7);
        const expected = await runAll(whole, at).then((all) => all.get("5")![output] as Tensor, inWords);
        const found = await graphOf(whole, ["5", output])
          .run(at, [{ of: "5", output }])
          .then(([x]) => x, inWords);
        if (expected && found) expectClose(found as Tensor, expected, `${port} → ${output}`);
        expect(found === undefined, `${port} → ${output}`).toBe(expected === undefined);
      }
    }
  },
);

/** Whether sizes that contradict each other are told before anything runs. */
function isRefused(definition: AnyNode, inputs: Placed["inputs"]): boolean {
  const sizes = Object.entries(inputs).map(([name, given]) => {
    const { dims, facts, out } = ("value" in given ? given.value : { dims: [2, 5, 1, 1] }) as Partial<
      Tensor & ModelOutput
    >;
    if (!dims) return [name, out ? { ...facts, batch: out.dims[0], height: out.dims[2], width: out.dims[3] } : facts];
    const [batch, c, h, w] = dims;
    const [channels, height, width] = portsOf(definition)[name].kind === "image" ? [w, c, h] : [c, h, w];
    return [name, { batch, channels, height, width }];
  });
  try {
    const parameter = (name: string) => (inputs[name] as { value?: unknown } | undefined)?.value;
    definition.infer?.(Object.fromEntries(sizes), { parameter } as never);
    return false;
  } catch (error) {
    inWords(error);
    return true;
  }
}

const inWords = (error: unknown): undefined => {
  expect(["GraphError", "RangeError"]).toContain((error as Error).name);
};

const length = (x: Tensor): number => Math.hypot(...norms({ dims: [1, x.data.length], data: x.data }));

function expectClose(found: Tensor, expected: Tensor, what: string): void {
  expect(found.dims, what).toEqual(expected.dims);
  const off = { dims: found.dims, data: found.data.map((value, i) => value - expected.data[i]) };
  expect(length(off), what).toBeLessThanOrEqual(1e-5 * length(expected) + 1e-12);
}

/** The gradient along a direction, against the central difference of what is computed in float32. */
async function expectSlope(
  gradient: Tensor,
  at: Tensor,
  value: (x: Tensor) => Promise<number>,
  what: string,
  h = 1 / 512,
): Promise<void> {
  for (const seed of [11, 12]) {
    const way = randomTensor(seed, at.dims).data;
    const moved = (s: number): Tensor => ({ dims: at.dims, data: at.data.map((v, i) => v + s * way[i]) });
    const slope = ((await value(moved(h))) - (await value(moved(-h)))) / (2 * h);
    const found = gradient.data.reduce((total, g, i) => total + g * way[i], 0);
    expect(Math.abs(found - slope), what).toBeLessThanOrEqual(3e-3 * (length(gradient) + Math.abs(slope)) + 1e-3);
  }
}
