/** What in loops inside loops reads what of them, against loops of JavaScript. */
import { expect, test } from "vitest";
import type { Tensor } from "../../diffusion/index.ts";
import type { InnerBuilder, Wire } from "../../graphs/document/index.ts";
import { models } from "../support/drawn.ts";
import { wiredValue } from "../support/wired-values.ts";

/** What is carried in each loop, and the index of its step, from the outermost loop inwards. */
const names = ["outer_x", "outer_i", "middle_x", "middle_i", "inner_x", "inner_i"] as const;
type Name = (typeof names)[number];
const weights: Readonly<Record<Name, number>> = {
  ...{ outer_x: 0.5, outer_i: 0.01, middle_x: 0.25, middle_i: 0.03, inner_x: 0.125, inner_i: 0.07 },
};
const orders = { outer: [4, 3, 2], middle: [1, 0], inner: [3, 2] } as const;
type Level = keyof typeof orders;
type Wires = Readonly<Record<string, Wire>>;

/** The sum of what is read, 1 more. */
const reference = (read: readonly Name[]): number => {
  const sum = (values: Readonly<Record<Name, number>>) =>
    read.reduce((sum, name) => sum + weights[name] * values[name], 1);
  const along = (level: Level, next: (x: number, i: number) => number): number => orders[level].reduce(next, 1);
  return along("outer", (outer_x, outer_i) =>
    along("middle", (middle_x, middle_i) =>
      along("inner", (inner_x, inner_i) => sum({ outer_x, outer_i, middle_x, middle_i, inner_x, inner_i })),
    ),
  );
};

const textOf = (read: readonly Name[]): string =>
  ["1", ...read.map((name, i) => `${weights[name]} * ${"abcdef"[i]}`)].join(" + ");
const asInputs = (wires: readonly Wire[]) => Object.fromEntries(wires.map((wire, i) => ["abcdef"[i], wire]));

/** What reads them: a node, or what is drawn of one. */
const readers = {
  node: (g: InnerBuilder, read: readonly Name[], wires: readonly Wire[]): Wire =>
    g.add("guidegraph/formula", { formula: textOf(read), ...asInputs(wires) }).out("tensor"),
  // ∂ (f · one) / ∂ one
  drawn: (g: InnerBuilder, read: readonly Name[], wires: readonly Wire[], one: Wire): Wire =>
    g
      .differentiate("Drawn", { of: "loss", by: "one", one, ...asInputs(wires) }, (q) => {
        const entering = read.map((name, i) => q.input("abcdef"[i], name.endsWith("_i") ? "number" : "tensor"));
        const made = readers.node(q, read, entering);
        q.output("loss", "tensor", q.add("guidegraph/dot", { a: made, b: q.input("one", "tensor") }).out("product"));
      })
      .out("gradient"),
};

function nested(read: readonly Name[], by: keyof typeof readers): Promise<unknown> {
  return wiredValue(
    (w) => {
      const one = w.tensor({ dims: [1, 1, 1, 1], data: Float32Array.of(1) });
      const schedule = w.add("guidegraph/diffusion-schedule", { timestep_respacing: "ddim5" }).out("schedule");
      const tensor = around(w, ["outer", "middle", "inner"], { schedule, one });
      return w.add("guidegraph/scale", { tensor }).out("tensor");
    },
    { models },
  );

  function around(g: Pick<InnerBuilder, "loop">, [level, ...within]: readonly Level[], entering: Wires): Wire {
    const given = { ...entering, ...(read.includes(`${level}_x`) && { [`${level}_x`]: entering.one }) };
    const loop = g.loop(level, { ...given, order: orders[level].join() }, (inner) => {
      const index = inner.add("guidegraph/step-value", { step: inner.input("step", "step") }).out("index");
      const named = Object.keys(given).map((name) => [name, inner.input(name, kindOf(name))] as const);
      const wires: Wires = { ...Object.fromEntries(named), [`${level}_i`]: index };
      const own = () => readers[by](inner, read, asked(wires), wires.one);
      inner.output(`${level}_x`, "tensor", within.length > 0 ? around(inner, within, wires) : own());
    });
    return loop.out(`${level}_x`);
  }

  function asked(wires: Wires): Wire[] {
    return read.map((name) => wires[name]);
  }
}

const kindOf = (name: string): string => {
  if (name === "schedule") return "schedule";
  return name.endsWith("_i") ? "number" : "tensor";
};

const numberOf = (value: unknown): number => (value as Tensor).data[0];

/** All there are of them. */
const subsets = names.reduce<Name[][]>((sets, name) => sets.flatMap((set) => [set, [...set, name]]), [[]]);

test("what is read in nested loops is that of each loop's own step, whichever are read together", async () => {
  for (const read of subsets) expect(numberOf(await nested(read, "node")), read.join()).toBeCloseTo(reference(read), 5);
});

test("so is what a Differentiate reads", async () => {
  for (const read of subsets.filter(({ length }) => length === 2))
    expect(numberOf(await nested(read, "drawn")), read.join()).toBeCloseTo(reference(read), 5);
});
