/** One suite over every node: what each must be, whatever it does. */
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { philoxNoise, predict, reduce, type Step, scale, schedule } from "../../diffusion/index.ts";
import {
  type AnyNode,
  describeNodes,
  type Facts,
  GraphError,
  isNumeric,
  isStructure,
  type Kinds,
  nodes,
  type Parameter,
  type Ports,
  type Registry,
} from "../../nodes/index.ts";
import {
  classifierFacts,
  fakeContext,
  fakeKnown,
  fakeNetwork,
  fakeUnet,
  networkFacts,
  pictures,
  unetFacts,
} from "../support/fake-context.ts";

type Name = keyof typeof nodes;
const entries = Object.entries(nodes as Registry);
const definitions = entries.flatMap(([, entry]): AnyNode[] => (isStructure(entry) ? [] : [entry]));

const made = schedule({ noiseSchedule: "cosine", timestepRespacing: "ddim25" });
const step: Step = made.at(12);
const noise = philoxNoise({ seed: 4, dims: [2, 3, 4, 4] });
const [x, y] = [noise.draw(0), noise.draw(1)];
const unet = fakeUnet(unetFacts);
const output = await unet.predict(x, step);
const size = { batch: 2, channels: 3, height: 4, width: 4 };

/** One value of each kind, and its facts. */
const samples: { readonly [K in keyof Kinds]: { readonly value: Kinds[K][0]; readonly facts: Kinds[K][1] } } = {
  number: { value: 1, facts: {} },
  "number,tensor": { value: reduce(y, "norm", "sample"), facts: { batch: 2, channels: 1, height: 1, width: 1 } },
  text: { value: "a", facts: {} },
  boolean: { value: true, facts: {} },
  labels: { value: { values: [1, 2] }, facts: { batch: 2, max: 2 } },
  tensor: { value: y, facts: size },
  image: { value: pictures, facts: size },
  noise: { value: noise, facts: size },
  step: { value: step, facts: {} },
  schedule: { value: made, facts: { count: 25 } },
  model_output: { value: output, facts: { ...unetFacts, batch: 2 } },
  model: { value: unet, facts: unetFacts },
  classifier: {
    value: await fakeContext().models.classifier({ file: "c", sha256: "", flags: "" }),
    facts: classifierFacts,
  },
  network: { value: fakeNetwork(), facts: networkFacts },
  cond_fn: { value: { key: "c", gradient: async () => y }, facts: { ...classifierFacts, batch: 2 } },
  prediction: { value: predict(output.out, x, step, unetFacts), facts: { ...size, conditioned: "no" } },
};

/** Parameters that differ from the defaults, where a node does not run with those. */
const parameters: { readonly [N in Name]?: Readonly<Record<string, unknown>> } = {
  "guidegraph/load-unet": { file: "unet.pt" },
  "guidegraph/load-classifier": { file: "classifier.pt" },
  "guidegraph/load-network": { file: "tower.onnx" },
  "guidegraph/class-labels": { classes: "1, red star" },
  "guidegraph/load-image": { file: "two.npz" },
  "guidegraph/formula": { formula: "a * b > 0 ? alpha_bar : 1 - a" },
  "guidegraph/number-formula": { formula: "a + beta" },
  "guidegraph/accuracy": { output: "features" },
  "guidegraph/load-tensor": { file: "two.npy", layout: "NHWC", high: 255 },
};

/** What is wired where the sample of the kind does not do. */
const numbers = { value: reduce(y, "norm", "sample"), facts: { batch: 2, channels: 1, height: 1, width: 1 } };
const others: { readonly [N in Name]?: Readonly<Record<string, { readonly value: unknown; readonly facts: object }>> } =
  {
    "guidegraph/gather": { indices: { value: scale(numbers.value, 0), facts: numbers.facts } },
    "guidegraph/change-prediction": {
      variance: { value: { dims: y.dims, data: y.data.map(Math.abs) }, facts: size },
    },
    "guidegraph/rank": { scores: numbers },
    "guidegraph/resample": { log_weights: numbers },
    "guidegraph/colour-map": {
      tensor: { value: { dims: [2, 1, 4, 4], data: y.data.slice(0, 32) }, facts: { ...size, channels: 1 } },
    },
  };

/** Inputs that stay unwired although they are optional: a node has no use for all at once. */
const unwired: { readonly [N in Name]?: readonly string[] } = {
  "guidegraph/predict": ["low_res", "condition"],
  "guidegraph/log-probability": ["logits"],
  "guidegraph/change-prediction": ["eps"],
};

const isWired = (type: string, name: string, { parameter }: Ports[string]) =>
  parameter === undefined && !unwired[type as Name]?.includes(name);

function inputsOf({ type, inputs }: AnyNode) {
  const given = parameters[type as Name] ?? {};
  const ports = Object.entries(inputs as Ports);
  const known = Object.fromEntries(
    ports.flatMap(([name, { parameter }]) => (parameter ? [[name, given[name] ?? parameter.default]] : [])),
  );
  const wired = ports.filter(([name, port]) => isWired(type, name, port));
  const sampleOf = (name: string, { kind }: Ports[string]) => others[type as Name]?.[name] ?? samples[kind];
  const values = Object.fromEntries(wired.map(([name, port]) => [name, sampleOf(name, port).value]));
  const facts = Object.fromEntries(
    wired.map(([name, port]) => [
      name,
      { ...sampleOf(name, port).facts, ...(port.meaning ? { meaning: port.meaning } : {}) },
    ]),
  );
  return { known, values: { ...known, ...values }, facts: facts as Facts<Ports> };
}

describe.each(entries)("%s", (type, entry) => {
  const ports: Ports = { ...entry.inputs, ...(isStructure(entry) ? entry.gives : entry.outputs) };

  test("is registered under its type, in lower kebab case", () => {
    expect(entry.type).toBe(type);
    expect(type).toMatch(/^guidegraph\/[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(entry.version).toBeGreaterThanOrEqual(1);
  });

  test("is described in one sentence", () => {
    expect(entry.description).toMatch(/^[A-Z][^.]*\.$/);
    expect(entry.description.length).toBeLessThan(130);
  });

  test("names its ports in snake case", () => {
    for (const name of Object.keys(ports)) expect(name).toMatch(/^[a-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$/);
  });

  test("has defaults that its own parameters allow", () => {
    for (const { kind, parameter } of Object.values(ports)) {
      if (!parameter) continue;
      const { default: value, min = -Infinity, max = Infinity, choices } = parameter;
      expect(typeof value).toBe(kind === "text" ? "string" : isNumeric(kind) ? "number" : kind);
      if (typeof value === "number") expect(value >= min && value <= max).toBe(true);
      if (choices) expect(choices).toContain(value);
    }
  });
});

describe.each(definitions.map((definition) => [definition.title, definition] as const))("%s", (_, definition) => {
  const { known, values, facts } = inputsOf(definition);

  test("returns its outputs and nothing else", async () => {
    const result = (await definition.run(values, fakeContext())) as Record<string, unknown>;
    expect(Object.keys(result).sort()).toEqual(Object.keys(definition.outputs).sort());
    for (const value of Object.values(result)) expect(value).toBeDefined();
  });

  test("returns the same for the same inputs", async () => {
    const results = await Promise.all([definition.run(values, fakeContext()), definition.run(values, fakeContext())]);
    expect(JSON.stringify(results[0])).toEqual(JSON.stringify(results[1]));
  });

  test("leaves its inputs as they are", async () => {
    const before = JSON.stringify(values);
    await definition.run(values, fakeContext());
    expect(JSON.stringify(values)).toEqual(before);
  });

  test("infers the facts of what it returns", async () => {
    const inferred = definition.infer!(facts, fakeKnown(known)) as Record<string, Record<string, unknown>>;
    const result = (await definition.run(values, fakeContext())) as Record<string, unknown>;
    for (const [name, fact] of Object.entries(inferred)) {
      expect(definition.outputs).toHaveProperty(name);
      expect(JSON.parse(JSON.stringify(fact))).toEqual(fact); // plain data without undefined
      checkFacts(fact, result[name] as { dims?: number[]; values?: number[]; count?: number });
    }
    for (const [name, { kind }] of Object.entries(definition.outputs as Ports))
      if (!["number", "text", "step"].includes(kind)) expect(inferred).toHaveProperty(name);
  });

  test("answers any parameters with facts or a GraphError that names a port", () => {
    const wild = fc.record(
      Object.fromEntries(
        Object.entries(definition.inputs as Ports).flatMap(([name, { parameter }]) =>
          parameter ? [[name, anyValue(parameter)]] : [],
        ),
      ),
    );
    fc.assert(
      fc.property(wild, (parameters) => {
        try {
          definition.infer!(facts, fakeKnown(parameters));
        } catch (error) {
          expect(error).toBeInstanceOf(GraphError);
          expect((error as GraphError).message.length).toBeLessThan(400);
          expect({ ...definition.inputs, ...definition.outputs }).toHaveProperty((error as GraphError).port!);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("infers what it can when nothing is known", () => {
    const nothing = Object.fromEntries(Object.keys(facts).map((name) => [name, {}]));
    expect(() => definition.infer!(nothing, fakeKnown())).not.toThrow();
  });
});

/** Anything that the parameter's own description allows. */
function anyValue({ default: value, choices, integer, min = -1e6, max = 1e6 }: Parameter): fc.Arbitrary<unknown> {
  if (typeof value === "boolean") return fc.boolean();
  if (typeof value === "number") return integer ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true });
  if (choices) return fc.constantFrom(...choices);
  const nearlyRight = fc.stringMatching(/^(ddim)?[0-9, .-]{0,12}$/);
  return fc.oneof(
    fc.string(),
    nearlyRight,
    fc.constantFrom("__proto__", "../../secret.pt", `1${",1".repeat(200_000)}`),
  );
}

/** Facts against the value they foretell. */
function checkFacts(fact: Record<string, unknown>, value: { dims?: number[]; values?: number[]; count?: number }) {
  if (value.dims) {
    const nhwc = "data" in value && (value as { data: unknown }).data instanceof Uint8Array;
    const [n, c, h] = nhwc ? [value.dims[0], value.dims[3], value.dims[1]] : value.dims;
    for (const [key, actual] of [
      ["batch", n],
      ["channels", c],
      ["size", h],
    ] as const)
      if (fact[key] !== undefined) expect([key, fact[key]]).toEqual([key, actual]);
  }
  if (value.values) {
    expect(fact.batch).toBe(value.values.length);
    expect(fact.max).toBeGreaterThanOrEqual(Math.max(...value.values));
  }
  if (value.count !== undefined && fact.count !== undefined) expect(fact.count).toBe(value.count);
}

/** Nodes that no example needs: models that are not bundled, and what is plain. */
const unshown: readonly Name[] = [
  "guidegraph/load-network",
  "guidegraph/apply-network",
  "guidegraph/counted-steps",
  "guidegraph/clip-prediction",
  "guidegraph/absolute-error",
  "guidegraph/cosine-similarity",
  "guidegraph/total-variation",
  "guidegraph/pick",
  "guidegraph/resample",
  "guidegraph/load-tensor",
  "guidegraph/resize",
  "guidegraph/crop",
  "guidegraph/pad",
  "guidegraph/take-as",
  "guidegraph/low-res",
  "guidegraph/text",
];

test("every node has its place in a graph of graphs/", () => {
  const folder = new URL("../../graphs/", import.meta.url);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
  const used = files.flatMap(
    (name) => readFileSync(new URL(name, folder), "utf8").match(/guidegraph\/[a-z0-9-]+/g) ?? [],
  );
  expect(Object.keys(nodes).filter((type) => !used.includes(type))).toEqual(unshown);
});

test("describeNodes gives plain data of every node, in the palette's order", () => {
  const described = describeNodes(nodes);
  expect(described.map(({ type }) => type)).toEqual(Object.keys(nodes));
  expect(JSON.parse(JSON.stringify(described))).toEqual(described);
  const ddim = described.find(({ type }) => type === "guidegraph/ddim-step")!;
  expect(ddim.inputs.map(({ name }) => name)).toEqual(["prediction", "x", "step", "noise", "eta"]);
  expect(ddim.inputs[4]).toMatchObject({ kind: "number", parameter: { default: 0, min: 0, max: 1 } });
});

test("what an empty choice means is said in a word, and in the help if that says it", () => {
  for (const [type, { inputs }] of entries)
    for (const [name, { parameter, help = "" }] of Object.entries<Ports[string]>(inputs)) {
      if (!parameter?.choices?.includes("")) continue;
      expect(parameter.empty, `${type}.${name}`).toBeTruthy();
      expect(help.toLowerCase(), `${type}.${name}`).toContain(`empty: ${parameter.empty}`);
    }
});
