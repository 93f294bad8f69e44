/** What a condition does not need is not computed: by graphs drawn at random against a walk that asks from the end. */
import { describe, expect, test } from "vitest";
import { amountOf, plan, type RunOptions, type Watch } from "../../executor/index.ts";
import { documentBuilder, type LevelBuilder, type Wire } from "../../graphs/document/index.ts";
import { defineNode, nodes, port, type Registry } from "../../nodes/index.ts";
import { generator } from "../support/random.ts";
import { eventsOf, nothingKnown, numberIn, story, toys } from "./toys.ts";

/** Toys, the real Switch, and nodes that write down their names. */
function kit() {
  const { registry: toyRegistry, shown } = toys();
  const calls: string[] = [];
  const base = { version: 1, category: "test", description: "A toy." } as const;
  const tensor = (value: number) => ({ dims: [1], data: new Float32Array([value]) });
  const sum = (values: readonly (unknown | undefined)[]) =>
    values.reduce((sum: number, value) => (value ? (sum * 3 + numberIn(value) + 1) % 1009 : sum), 1);
  const named = defineNode({
    ...{ ...base, type: "guidegraph/named", title: "Named" },
    inputs: {
      name: port.text({ default: "" }),
      a: port.tensor({ optional: true }),
      b: port.tensor({ optional: true }),
      step: port.step({ optional: true }),
    },
    outputs: { x: port.tensor(), unread: port.tensor() },
    run: ({ name, a, b, step }) => {
      calls.push(step ? `${name}@${step.index}` : name);
      const value = sum([a, b, step && tensor(step.index)]);
      return { x: tensor(value), unread: tensor(value) };
    },
  });
  const odd = defineNode({
    ...{ ...base, type: "guidegraph/odd", title: "Odd" },
    inputs: { name: port.text({ default: "" }), x: port.tensor() },
    outputs: { number: port.numberOut() },
    run: ({ name, x }) => {
      calls.push(name);
      return { number: numberIn(x) % 2 };
    },
  });
  const registry: Registry = {
    ...toyRegistry,
    ...{ [named.type]: named, [odd.type]: odd, "guidegraph/switch": nodes["guidegraph/switch"] },
  };
  const planned = (build: (graph: LevelBuilder) => void, targets?: string[]) => {
    const graph = documentBuilder(registry);
    build(graph);
    return plan(graph.document(), registry, nothingKnown, targets);
  };
  return { calls, shown, planned, tensor, sum };
}

/** A node of a random graph: what it reads are numbers of nodes before it. */
type Random =
  | { readonly is: "named"; readonly a?: number; readonly b?: number; readonly step: boolean }
  | { readonly is: "switch"; readonly condition: number; readonly a: number; readonly b: number };

function randomNodes(seed: number, count: number): Random[] {
  const next = generator(seed);
  const below = (n: number) => Math.floor(next() * n);
  return Array.from({ length: count }, (_, i): Random => {
    if (i < 3) return { is: "named", step: i === 0 };
    const before = () => Math.max(0, i - 1 - below(6));
    if (next() < 0.4) return { is: "switch", condition: before(), a: before(), b: before() };
    return { is: "named", a: before(), ...(next() < 0.5 && { b: before() }), step: next() < 0.3 };
  });
}

/** Puts them into a graph; the last one's wire. */
function build(graph: LevelBuilder, list: readonly Random[], step: Wire | undefined, x: Wire | undefined): Wire {
  const wires: Wire[] = [];
  for (const [i, node] of list.entries()) {
    if (node.is === "switch") {
      const condition = graph.add("guidegraph/odd", { name: `odd ${i}`, x: wires[node.condition] }).out("number");
      wires.push(graph.add("guidegraph/switch", { condition, a: wires[node.a], b: wires[node.b] }).out("tensor"));
      continue;
    }
    const a = node.a === undefined ? (i === 1 ? x : undefined) : wires[node.a];
    const read = {
      ...(a && { a }),
      ...(node.b !== undefined && { b: wires[node.b] }),
      ...(node.step && step && { step }),
    };
    wires.push(graph.add("guidegraph/named", { name: `${i}`, ...read }).out("x"));
  }
  return wires[list.length - 1];
}

/** The same, asked from the end: the value of the last, and the calls it takes. */
function asked(list: readonly Random[], sum: ReturnType<typeof kit>["sum"], index?: number, x?: number) {
  const values = new Map<number, number>();
  const calls: string[] = [];
  const { tensor } = kit();
  const valueAt = (i: number): number => {
    const known = values.get(i);
    if (known !== undefined) return known;
    const node = list[i];
    let value: number;
    if (node.is === "switch") {
      const isOdd = valueAt(node.condition) % 2;
      if (!calls.includes(`odd ${i}`)) calls.push(`odd ${i}`);
      value = valueAt(isOdd ? node.a : node.b);
    } else {
      const a = node.a === undefined ? (i === 1 ? x : undefined) : valueAt(node.a);
      const b = node.b === undefined ? undefined : valueAt(node.b);
      const at = node.step ? index : undefined;
      value = sum([a, b, at].map((one) => (one === undefined ? undefined : tensor(one))));
      calls.push(at === undefined ? `${i}` : `${i}@${at}`);
    }
    values.set(i, value);
    return value;
  };
  return { value: valueAt(list.length - 1), calls };
}

const seeds = Array.from({ length: 25 }, (_, i) => i + 1);

describe("a condition", () => {
  test("has computed what it asks for and nothing else, outside of loops", async () => {
    let skipped = 0;
    for (const seed of seeds) {
      const list = randomNodes(seed, 24);
      const { calls, shown, planned, sum } = kit();
      const wanted = asked(list, sum);
      const events = await eventsOf(
        planned((graph) => {
          graph.add("guidegraph/show", { x: build(graph, list, undefined, undefined) });
        }),
      );
      expect([...calls].sort(), `seed ${seed}`).toEqual([...wanted.calls].sort());
      expect(shown).toEqual([wanted.value]);
      skipped += events.filter((event) => "state" in event && event.state === "skipped").length;
    }
    expect(skipped).toBeGreaterThan(seeds.length);
  });

  test("is asked anew in each step of a loop, whatever is carried", async () => {
    for (const seed of seeds) {
      const list = randomNodes(seed, 20);
      const { calls, shown, planned, sum } = kit();
      const wanted: string[] = [];
      let x = 7;
      for (const index of [3, 2, 1, 0]) {
        const step = asked(list, sum, index, x);
        x = step.value;
        wanted.push(...step.calls);
      }
      await eventsOf(
        planned((graph) => {
          const given = {
            schedule: graph.add("guidegraph/schedule", { count: 4 }).out("schedule"),
            x: graph.add("guidegraph/constant", { value: 7 }).out("x"),
          };
          const loop = graph.loop("Loop", given, (inner) => {
            const end = build(inner, list, inner.input("step", "step"), inner.input("x", "tensor"));
            inner.output("x", "tensor", end);
          });
          graph.add("guidegraph/show", { x: loop.out("x") });
        }),
      );
      expect(shown, `seed ${seed}`).toEqual([x]);
      // What depends on no step is computed once, before the loop, whoever asks.
      const inSteps = (list: readonly string[]) => list.filter((call) => call.includes("@")).sort();
      expect(inSteps(calls)).toEqual(inSteps(wanted));
    }
  });

  /** Two constants, of which a switch wants one; `more` reads either too. */
  const either =
    (condition: number, more?: (graph: LevelBuilder, a: Wire, b: Wire) => void) => (graph: LevelBuilder) => {
      const [a, b] = ["a", "b"].map((name) => graph.add("guidegraph/named", { name }).out("x"));
      graph.add("guidegraph/show", { x: graph.add("guidegraph/switch", { condition, a, b }).out("tensor") });
      more?.(graph, a, b);
    };

  test("tells what nobody needed, and runs what somebody else shows", async () => {
    const { planned, calls } = kit();
    expect(story(await eventsOf(planned(either(0))))).toBe(
      "2:running 2:done 3:running 3:done 4:running 4! 4:done 1:skipped",
    );
    expect(calls).toEqual(["b"]);
    calls.length = 0;
    await eventsOf(planned(either(0, (graph, a) => void graph.add("guidegraph/show", { x: a }))));
    expect(calls.sort()).toEqual(["a", "b"]);
  });

  test("asks for what an earlier run has kept, and for nothing where its own value is", async () => {
    const { planned, calls } = kit();
    const kept = new Map<string, object>();
    const cache: RunOptions["cache"] = {
      get: (key) => kept.get(key) as never,
      set: (key, values) => kept.set(key, values),
    };
    await eventsOf(planned(either(1)), { cache });
    await eventsOf(planned(either(0)), { cache });
    expect(calls).toEqual(["a", "b"]);
    expect(story(await eventsOf(planned(either(1)), { cache }))).toBe("1:cached 3:cached 4:running 4! 4:done 2:cached");
    expect(calls).toEqual(["a", "b"]);
  });

  test("tells of a loop's nodes in how many steps they were needed, and shows only those", async () => {
    const { planned } = kit();
    const seen: (number | undefined)[] = [];
    const watch: Watch[] = [{ path: "3/3", output: "x", see: (_, { index }) => void seen.push(index) }];
    const events = await eventsOf(planned(everyOther), { watch });
    expect(events.find((event) => "path" in event && event.path === "3/3")).toEqual({
      ...{ type: "node", path: "3/3", state: "done", ms: 0 },
      ...{ calls: 3, skipped: 2 },
    });
    expect(seen).toEqual([0, 2, 4]);
  });

  test("that hangs on another, a thousand deep, is looked through without end of memory", async () => {
    const { planned, shown, calls } = kit();
    await eventsOf(
      planned((graph) => {
        const one = graph.add("guidegraph/number", { value: 1 }).out("value");
        const other = graph.add("guidegraph/named", { name: "never" }).out("x");
        let x = graph.add("guidegraph/constant", { value: 5 }).out("x");
        for (let i = 0; i < 1000; i++)
          x = graph.add("guidegraph/switch", { condition: one, a: x, b: other }).out("tensor");
        graph.add("guidegraph/show", { x });
      }),
    );
    expect([shown, calls]).toEqual([[5], []]);
  });

  test("is reckoned with as if it asked for everything", () => {
    expect(amountOf(kit().planned(everyOther), 1).calls).toBe(2 + 5 * 4 + 1);
  });

  /** Five steps; in every other one of them node 3/3 is wanted. */
  function everyOther(graph: LevelBuilder): void {
    const given = {
      schedule: graph.add("guidegraph/schedule", { count: 5 }).out("schedule"),
      x: graph.add("guidegraph/constant", { value: 1 }).out("x"),
    };
    const loop = graph.loop("Loop", given, (inner) => {
      const [x, step] = [inner.input("x", "tensor"), inner.input("step", "step")];
      const a = inner.add("guidegraph/named", { name: "a", a: x, step }).out("x");
      const even = inner.add("guidegraph/index", { step }).out("x");
      const odd = inner.add("guidegraph/odd", { name: "odd", x: even }).out("number");
      inner.output("x", "tensor", inner.add("guidegraph/switch", { condition: odd, a: x, b: a }).out("tensor"));
    });
    graph.add("guidegraph/show", { x: loop.out("x") });
  }
});
