/**
 * Values at which formulas break: zeros, what is flat, equal or opposite to another, so faint or large that its squares are no
 * numbers of float32, parameters at their ends, steps at the ends of a process. Computed and drawn, a node gives the same finite
 * values there, and a finite gradient; or both say what is wrong, the run of the node, the graph of it or of where it comes out.
 */
import { expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { type AnyNode, GraphError, nodes, type Ports } from "../../nodes/index.ts";
import { dims, graphOf, type Placed, portsOf, runAll, tensorsOf, values } from "../support/drawn.ts";
import { cases, drawn, inputsOf, plain, readers } from "../support/drawn-cases.ts";

const other = values.tensor as Tensor;
const mapped = ({ dims, data }: Tensor, of: (value: number, i: number) => number): Tensor => ({
  dims,
  data: data.map(of),
});
const zerosLike = (tensor: Tensor): Tensor => mapped(tensor, () => 0);

const degenerate = {
  zeros: zerosLike(other),
  "a sample of zeros": mapped(other, (value, i) => (i < other.data.length / 2 ? 0 : value)),
  flat: mapped(other, () => 0.5),
  "equal to the other": other,
  "opposite to the other": mapped(other, (value) => -value),
  faint: mapped(other, (value) => value * 1e-25),
  huge: mapped(other, (value) => value * 1e25),
} satisfies Readonly<Record<string, Tensor>>;

type Inputs = Readonly<Record<string, unknown>>;

/** Both forms with one input that varies, as the node's outputs have it. */
async function compare(definition: AnyNode, given: Inputs, port: string, at: Tensor, what: string): Promise<void> {
  const nodeOf = (given: Inputs): Placed => {
    const fed = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }]));
    return { path: "5", definition, inputs: { ...fed, [port]: { from: "variable" } } };
  };
  for (const [output, { kind }] of Object.entries<Ports[string]>(definition.outputs)) {
    const reader = readers[kind]?.(["5", output]);
    if (!reader) continue;
    const here = `${what}: ${port} → ${output}`;
    const wrong = (error: unknown) => {
      expect(error, here).toBeInstanceOf(GraphError);
      return error as GraphError;
    };
    const computed = (given: Inputs, at: Tensor) =>
      runAll([nodeOf(given), ...reader.nodes], at).then((all) => tensorsOf(kind, all.get("5")![output]), wrong);
    const expected = await computed(given, at);
    const found = await graphOf([nodeOf(given), ...reader.nodes], reader.of)
      .run(at, [{ of: "5", output }, "gradient"])
      .catch(wrong);
    if (found instanceof GraphError && /does not depend|is 0 (whatever|everywhere)/.test(found.message)) continue;
    if (expected instanceof GraphError || found instanceof GraphError) {
      expect(expected, `${here}: ${expected} / ${found}`).toMatchObject({ path: "5" });
      expect(isPlaced(found, [definition, ...reader.nodes.map((one) => one.definition)]), `${here}: ${found}`).toBe(
        true,
      );
      continue;
    }
    expect((found[1] as Tensor).data.every(Number.isFinite), `${here}: the gradient`).toBe(true);
    const drawn = tensorsOf(kind, found[0]);
    const moved = await computed(
      Object.fromEntries(Object.entries(given).map(([name, value]) => [name, isTensor(value) ? shaken(value) : value])),
      shaken(at),
    );
    for (const [name, tensor] of Object.entries(expected))
      expectNear(drawn[name], tensor, moved instanceof GraphError ? tensor : moved[name], `${here} ${name}`);
  }
}

/** Whether it is said of the node by its path, or of NaN and infinity what they came out of: the node, or what reads it. */
const isPlaced = (found: unknown, nodes: readonly AnyNode[]): boolean =>
  found instanceof GraphError &&
  (found.path === "5" ||
    nodes.some(({ title }) => new RegExp(`of ${title} holds \\d+ (NaN|infinite)`).test(found.message)));

const isTensor = (value: unknown): value is Tensor => value instanceof Object && "data" in value && "dims" in value;

/** Each value off by what rounding may make of it, up or down. */
const shaken = (tensor: Tensor): Tensor => mapped(tensor, (value, i) => value * (1 + (i % 3 === 1 ? -1e-6 : 1e-6)));

/** As near as float32 can tell, where what is given is itself as near as that: `moved` is what comes of such. */
function expectNear(found: Tensor, expected: Tensor, moved: Tensor, what: string): void {
  const [off, least] = [found, moved].map((one) => largest(mapped(one, (value, i) => value - expected.data[i])));
  expect(off, what).toBeLessThanOrEqual(1e-4 * largest(expected) + 4 * least + 1e-36);
}

const largest = ({ data }: Tensor): number => data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** A float32 of that size has no angle. */
const isTooLarge = (name: string, { formula }: Inputs): boolean => name === "huge" && /sin|cos/.test(String(formula));

const isVaried = ({ kind, parameter }: Ports[string], value: unknown): boolean =>
  (kind === "tensor" || (kind === "number,tensor" && !parameter)) && (value as Tensor).dims.join() === dims.join();

const ways = drawn.flatMap((definition) => {
  const ports = portsOf(definition);
  return (cases[definition.type] ?? plain).flatMap((variant, nth) => {
    const given = inputsOf(definition, variant);
    const tensors = Object.keys(given).filter((port) => isVaried(ports[port], given[port]));
    return tensors.map((port) => ({
      definition,
      ports,
      given,
      port,
      isFirst: nth === 0,
      what: [definition.title, variant.name, port].join(", "),
    }));
  });
});

test.each(ways.map((way) => [way.what, way] as const))(
  "%s: of degenerate tensors",
  async (what, { definition, ports, given, port }) => {
    const zeroed = Object.entries(given).map(
      ([n, v]) => [n, n !== port && ports[n].kind === "tensor" ? zerosLike(v as Tensor) : v] as const,
    );
    const isAlone = zeroed.every(([name, value]) => given[name] === value);
    for (const [name, at] of Object.entries(degenerate)) {
      if (isTooLarge(name, given)) continue;
      await compare(definition, given, port, at, `${what}, ${name}`);
      if (!isAlone) await compare(definition, Object.fromEntries(zeroed), port, at, `${what}, ${name} beside zeros`);
    }
  },
);

/** Ends of what is allowed, as far as anybody goes. */
const endsOf = ({
  min = -1,
  max = 100,
  integer,
}: {
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
}) => new Set([min, 0, 1, Math.min(max, integer ? 2 : 100)].filter((value) => value >= min));

const numbered = ways.flatMap((way) =>
  Object.entries(way.ports).flatMap(([name, { parameter }]) =>
    way.isFirst && name in way.given && typeof parameter?.default === "number"
      ? [{ ...way, name, ends: endsOf(parameter as never) }]
      : [],
  ),
);

test.each(numbered.map((way) => [way.what, way.name, way] as const))(
  "%s: with %s at its ends",
  async (what, name, { definition, given, port, ends }) => {
    for (const value of ends)
      await compare(definition, { ...given, [name]: value }, port, other, `${what}, ${name} ${value}`);
  },
);

const extreme = mapped(other, (value) => Math.sign(value) * (2 - 2 ** -23) * 2 ** 127);

test.each(["guidegraph/normalise", "guidegraph/cosine-similarity"] as const)(
  "%s: of the largest numbers that float32 has",
  async (type) => {
    const definition: AnyNode = nodes[type];
    const [variant] = cases[type] ?? plain;
    const given = inputsOf(definition, variant);
    const [port] = Object.keys(given).filter((name) => isVaried(portsOf(definition)[name], given[name]));
    await compare(definition, given, port, extreme, type);
  },
);
