/**
 * Values at which formulas break: zeros, what is flat, equal or opposite to another, so faint or large that its squares are no
 * numbers of float32, parameters at their ends, steps at the ends of a process. Computed and drawn, a node gives the same finite
 * values there, and a finite gradient; or both say what is wrong, and of which node.
 */
import { expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import { type AnyNode, GraphError, type Ports } from "../../nodes/index.ts";
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
  const fed = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { value }]));
  const node: Placed = { path: "5", definition, inputs: { ...fed, [port]: { from: "variable" } } };
  const tensors = [at, ...Object.values(given).filter((one) => one instanceof Object && "data" in one)] as Tensor[];
  const numbers = Object.values(given).filter((one) => typeof one === "number");
  const most = Math.max(...tensors.map(largest)) * Math.max(1, ...numbers);
  const wrong = (error: unknown) => {
    expect(error, what).toBeInstanceOf(GraphError);
    return (error as GraphError).message;
  };
  for (const [output, { kind }] of Object.entries<Ports[string]>(definition.outputs)) {
    const reader = readers[kind]?.(["5", output]);
    if (!reader) continue;
    const whole = [node, ...reader.nodes];
    const here = `${what}: ${port} → ${output}`;
    const expected = await runAll(whole, at).then((all) => tensorsOf(kind, all.get("5")![output]), wrong);
    const found = await graphOf(whole, reader.of)
      .run(at, [{ of: "5", output }, "gradient"])
      .catch(wrong);
    if (typeof found === "string" && /does not depend|is 0 whatever/.test(found)) continue;
    if (typeof expected === "string" || typeof found === "string") {
      expect(typeof found, `${here}: ${expected} / ${found}`).toBe(typeof expected);
      continue;
    }
    expect((found[1] as Tensor).data.every(Number.isFinite), `${here}: the gradient`).toBe(true);
    const drawn = tensorsOf(kind, found[0]);
    for (const [name, tensor] of Object.entries(expected)) expectNear(drawn[name], tensor, most, `${here} ${name}`);
  }
}

/** As near as float32 can tell where terms as large as what is given cancel out. */
function expectNear(found: Tensor, expected: Tensor, largestGiven: number, what: string): void {
  const off = largest(mapped(found, (value, i) => value - expected.data[i]));
  expect(off, what).toBeLessThanOrEqual(1e-4 * largest(expected) + 2e-6 * largestGiven + 1e-36);
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
