import { describe, expect, test } from "vitest";
import { GraphErrors, type LoopStep, type NodeStep, plan } from "../../executor/index.ts";
import {
  type Added,
  documentBuilder,
  type GraphDocument,
  type InnerBuilder,
  type LevelBuilder,
  type Wire,
} from "../../graphs/document/index.ts";
import { eventsOf, nothingKnown, story, toys } from "./toys.ts";

const { registry } = toys();
const planned = (document: GraphDocument, targets?: string[]) => plan(document, registry, nothingKnown, targets);

/** Builds, plans and runs; gives what was shown and the calls that were made. */
async function ran(build: (graph: LevelBuilder) => void) {
  const fresh = toys();
  const graph = documentBuilder(fresh.registry);
  build(graph);
  const steps = plan(graph.document(), fresh.registry, nothingKnown);
  const events = await eventsOf(steps);
  return { shown: fresh.shown, calls: fresh.calls, story: story(events), steps };
}

function problemsOf(build: (graph: LevelBuilder) => void): string[] {
  const graph = documentBuilder(registry, {}, { unchecked: true });
  build(graph);
  try {
    planned(graph.document());
  } catch (error) {
    if (error instanceof GraphErrors)
      return error.errors.map(({ path, port, message }) => `${path}, ${port}: ${message}`);
    throw error;
  }
  return [];
}

const constant = (graph: LevelBuilder, value: number, size = 8): Wire =>
  graph.add("guidegraph/constant", { value, size }).out("x");
const schedule = (graph: LevelBuilder, count = 3): Wire => graph.add("guidegraph/schedule", { count }).out("schedule");
const sum = (graph: LevelBuilder, a: Wire, b: Wire): Wire => graph.add("guidegraph/add", { a, b }).out("x");
const show = (graph: LevelBuilder, x: Wire): Added => graph.add("guidegraph/show", { x });
const index = (body: InnerBuilder): Wire => body.add("guidegraph/index", { step: body.input("step", "step") }).out("x");

describe("subgraphs", () => {
  test("are dissolved at any depth", async () => {
    const { shown, steps } = await ran((graph) => {
      const outer = graph.subgraph("Outer", { x: constant(graph, 3) }, (one) => {
        const inner = one.subgraph("Inner", { x: one.input("x", "tensor") }, (two) => {
          two.output("y", "tensor", two.add("guidegraph/scale", { x: two.input("x", "tensor"), factor: 4 }).out("x"));
        });
        one.output("y", "tensor", inner.out("y"));
      });
      show(graph, outer.out("y"));
    });
    expect(shown).toEqual([12]);
    expect(steps.steps.map(({ path }) => path)).toEqual(["1", "2/2/2", "3"]);
  });

  test("pass a wire through that leads from an input straight to an output", async () => {
    const { shown } = await ran((graph) => {
      const pass = graph.subgraph("Pass", { x: constant(graph, 5) }, (inner) =>
        inner.output("x", "tensor", inner.input("x", "tensor")),
      );
      show(graph, pass.out("x"));
    });
    expect(shown).toEqual([5]);
  });

  /** factor: Outer.strength → Middle.force → Inner's scale.factor, which is 2 by default and 7 in its own file. */
  const promoted = (outer: object, middle: object) => (graph: LevelBuilder) => {
    const sub = graph.subgraph("Outer", { x: constant(graph, 1), ...outer }, (one) => {
      const given = Object.hasOwn(outer, "strength") ? { force: one.input("strength", "number") } : middle;
      const inner = one.subgraph("Middle", { x: one.input("x", "tensor"), ...given }, (two) => {
        const scaled = two.add("guidegraph/scale", {
          x: two.input("x", "tensor"),
          factor: two.input("force", "number"),
        });
        two.output("x", "tensor", scaled.out("x"));
      });
      one.output("x", "tensor", inner.out("x"));
    });
    show(graph, sub.out("x"));
  };

  test("give a parameter's value from the outermost node that sets it", async () => {
    expect((await ran(promoted({ strength: 5 }, {}))).shown).toEqual([5]);
    expect((await ran(promoted({}, { force: 3 }))).shown).toEqual([3]);
    expect((await ran(promoted({}, {}))).shown).toEqual([2]);
  });

  test("are told at the outer node when a promoted parameter is out of range", () => {
    expect(problemsOf(promoted({ strength: 11 }, {}))).toEqual([
      "2, strength: It must be a number from -10 to 10, not 11",
    ]);
  });

  test("are told at the outer node when an input is missing, by kind when a wire does not fit", () => {
    const build = (given: (graph: LevelBuilder) => Record<string, Wire>) => (graph: LevelBuilder) => {
      const sub = graph.subgraph("Sub", given(graph), (inner) => {
        inner.output("x", "tensor", inner.add("guidegraph/scale", { x: inner.input("x", "tensor") }).out("x"));
      });
      show(graph, sub.out("x"));
    };
    expect(problemsOf(build(() => ({})))).toEqual(['1, x: Sub needs "x": nothing is wired to it']);
    expect(problemsOf(build((graph) => ({ x: graph.add("guidegraph/labels").out("labels") })))).toEqual([
      '2, x: It takes tensor, but "labels" of Labels (1) is labels',
    ]);
  });

  test("that are bypassed pass their first input of the kind", async () => {
    const graph = documentBuilder(registry);
    const sub = graph.subgraph("Sub", { x: constant(graph, 1) }, (inner) => {
      inner.output("y", "tensor", inner.add("guidegraph/scale", { x: inner.input("x", "tensor") }).out("x"));
    });
    show(graph, sub.out("y"));
    const document = graph.document();
    const nodes = document.nodes.map((node) => (node.id === sub.id ? { ...node, mode: 4 as const } : node));
    expect(planned({ ...document, nodes }).steps.map(({ path }) => path)).toEqual(["1", "3"]);
  });

  test("can be run to as a whole or to a node inside", () => {
    const graph = documentBuilder(registry);
    graph.subgraph("Sub", { x: constant(graph, 1) }, (inner) => {
      const x = inner.add("guidegraph/scale", { x: inner.input("x", "tensor") }).out("x");
      inner.output("y", "tensor", inner.add("guidegraph/scale", { x }).out("x"));
    });
    const document = graph.document();
    expect(planned(document, ["2"]).targets).toEqual(["2/2", "2/3"]);
    expect(planned(document, ["2/2"]).steps.map(({ path }) => path)).toEqual(["1", "2/2"]);
  });

  test("a graph whose own input nothing feeds is refused", () => {
    expect(problemsOf((graph) => show(graph, (graph as InnerBuilder).input("x", "tensor")))).toEqual([
      '2, x: Nothing feeds the graph\'s own input "x"',
    ]);
  });
});

describe("loops", () => {
  test.each([
    ["down", {}, [2, 1, 0]],
    ["up", { order: "up" }, [0, 1, 2]],
    ["a list with repeats", { order: "2, 1, 2, 1, 0" }, [2, 1, 2, 1, 0]],
    ["between rows", { order: "1.5 0.25" }, [1.5, 0.25]],
    ["down from the middle", { start: 1 }, [1, 0]],
    ["down to the middle", { stop: 1 }, [2, 1]],
    ["up from the middle", { order: "up", start: 1, stop: 2 }, [1, 2]],
  ])("run %s", async (_, given, expected) => {
    const { calls } = await ran((graph) => {
      const loop = graph.loop("Loop", { schedule: schedule(graph), ...given }, (body) =>
        body.output("i", "tensor", index(body)),
      );
      show(graph, loop.out("i"));
    });
    expect(calls.filter((call) => call.startsWith("index"))).toEqual(expected.map((i) => `index ${i}`));
  });

  test.each([
    [
      "order",
      { order: "sideways" },
      'order: It must be "down", "up", a list of indices such as 9..5*2, 24..1x2, 9.5, 0 or 40, x0, or one of noises such as noise_level: 80, 20, x0 (also t: and lambda:), not "sideways"',
    ],
    ["order", { order: "2, 3" }, "order: The index 3 lies outside the schedule, which has 0 … 2"],
    ["start", { start: 9 }, "start: The index 9 lies outside the schedule, which has 0 … 2"],
    ["stop", { start: 0, stop: 2 }, "stop: Going down, index 2 does not come after 0"],
    ["list and start", { order: "1", start: 1 }, "start: A list of indices has no start and stop: leave them at -1"],
  ])("refuse a wrong %s before anything runs", (_, given, problem) => {
    const build = (graph: LevelBuilder) => {
      const loop = graph.loop("Loop", { schedule: schedule(graph), ...given }, (body) =>
        body.output("i", "tensor", index(body)),
      );
      show(graph, loop.out("i"));
    };
    expect(problemsOf(build)).toEqual([`2, ${problem}`]);
  });

  test("need a schedule", () => {
    const build = (graph: LevelBuilder) =>
      show(graph, graph.loop("Loop", {}, (body) => body.output("i", "tensor", index(body))).out("i"));
    expect(problemsOf(build)).toEqual(['1, schedule: Loop needs "schedule": nothing is wired to it']);
  });

  test("carry several values at once, each from the last step's", async () => {
    // Fibonacci: (a, b) → (b, a + b), which goes wrong when a is replaced before b is made.
    const { shown } = await ran((graph) => {
      const given = { schedule: schedule(graph, 6), a: constant(graph, 0), b: constant(graph, 1) };
      const loop = graph.loop("Loop", given, (body) => {
        const [a, b] = [body.input("a", "tensor"), body.input("b", "tensor")];
        body.output("a", "tensor", b);
        body.output("b", "tensor", sum(body, a, b));
        body.input("step", "step");
      });
      show(graph, loop.out("a"));
      show(graph, loop.out("b"));
    });
    expect(shown).toEqual([8, 13]);
  });

  test("leave a carried value that nothing feeds absent in the first step", async () => {
    const { shown, calls } = await ran((graph) => {
      const loop = graph.loop("Loop", { schedule: schedule(graph, 3), x: constant(graph, 100) }, (body) => {
        const now = index(body);
        const both = body.add("guidegraph/add", { a: now, b: body.input("last", "tensor") }).out("x");
        body.output("last", "tensor", now);
        body.output("x", "tensor", sum(body, body.input("x", "tensor"), both));
      });
      show(graph, loop.out("x"));
    });
    expect(calls.filter((call) => call.startsWith("add"))).toEqual([
      "add 2",
      "add 102",
      "add 3",
      "add 105",
      "add 1",
      "add 106",
    ]);
    expect(shown).toEqual([106]);
  });

  test("refuse an absent first value where it is needed", () => {
    const build = (graph: LevelBuilder) => {
      const loop = graph.loop("Loop", { schedule: schedule(graph) }, (body) => {
        const scaled = body.add("guidegraph/scale", { x: body.input("x", "tensor") });
        body.output("x", "tensor", scaled.out("x"));
      });
      show(graph, loop.out("x"));
    };
    expect(problemsOf(build)).toEqual(['2, x: Loop needs "x": nothing is wired to it']);
  });

  test("refuse a value that changes size or kind from step to step", () => {
    const build = (size: number, kind: string) => (graph: LevelBuilder) => {
      const loop = graph.loop("Loop", { schedule: schedule(graph), x: constant(graph, 1, 8) }, (body) => {
        const resized = body.add("guidegraph/resize", { x: body.input("x", "tensor"), size });
        body.output("x", kind, resized.out("x"));
      });
      show(graph, loop.out("x"));
    };
    expect(problemsOf(build(8, "tensor"))).toEqual([]);
    expect(problemsOf(build(16, "tensor"))).toEqual(['3, x: "x" enters a step as height 8 and leaves it as height 16']);
    expect(problemsOf(build(8, "labels"))).toContain('3, x: "x" enters a step as tensor and leaves it as labels');
  });

  test("plan what depends on no given value before the loop, in nested loops as far out as it goes", async () => {
    const { steps, calls, shown } = await ran((graph) => {
      const rows = schedule(graph, 2);
      const outer = graph.loop("Outer", { schedule: rows, x: constant(graph, 0) }, (one) => {
        const outerIndex = index(one);
        const given = { schedule: schedule(one, 2), x: one.input("x", "tensor"), i: outerIndex };
        const inner = one.loop("Inner", given, (two) => {
          const free = two.add("guidegraph/constant", { value: 1000 }, "Free").out("x");
          const once = two
            .add("guidegraph/scale", { x: two.input("i", "tensor"), factor: 10 }, "Once a run of Inner")
            .out("x");
          const each = sum(two, index(two), sum(two, free, once));
          two.output("x", "tensor", sum(two, two.input("x", "tensor"), each));
        });
        one.output("x", "tensor", inner.out("x"));
      });
      show(graph, outer.out("x"));
    });
    // Outer indices 1, 0; inner 1, 0: Σ (1000 + 10·outer + inner)
    expect(shown).toEqual([4000 + 20 + 2]);
    expect(calls.filter((call) => call === "constant 1000")).toHaveLength(1);
    expect(calls.filter((call) => call.startsWith("scale"))).toEqual(["scale 1 by 10", "scale 0 by 10"]);
    const titles = steps.steps.map(({ title }) => title);
    expect(titles.indexOf("Free")).toBeGreaterThanOrEqual(0);
    expect(titles.indexOf("Free")).toBeLessThan(titles.indexOf("Outer"));
    const outer = steps.steps.find(({ title }) => title === "Outer") as LoopStep;
    const inner = outer.each.find(({ title }) => title === "Inner") as LoopStep;
    expect(inner.once.map(({ title }) => title)).toContain("Once a run of Inner");
    expect(outer.once).toEqual([]);
  });

  test("that depend on no loop around them are run once, before it", async () => {
    const { calls, steps } = await ran((graph) => {
      const outer = graph.loop("Outer", { schedule: schedule(graph, 3) }, (one) => {
        const inner = one.loop("Inner", { schedule: schedule(one, 2) }, (two) => two.output("i", "tensor", index(two)));
        one.output("y", "tensor", sum(one, index(one), inner.out("i")));
      });
      show(graph, outer.out("y"));
    });
    expect(steps.steps.map(({ title }) => title)).toEqual(["Schedule", "Schedule", "Inner", "Outer", "Show"]);
    expect(calls.filter((call) => call.startsWith("index"))).toEqual([
      "index 1",
      "index 0",
      "index 2",
      "index 1",
      "index 0",
    ]);
  });

  test("plan only what somebody reads", () => {
    const graph = documentBuilder(registry);
    const loop = graph.loop(
      "Loop",
      { schedule: schedule(graph), x: constant(graph, 1), y: constant(graph, 2) },
      (body) => {
        for (const name of ["x", "y"]) {
          const scaled = body.add("guidegraph/scale", { x: body.input(name, "tensor") }, `Scale ${name}`);
          body.output(name, "tensor", scaled.out("x"));
        }
      },
    );
    show(graph, loop.out("x"));
    const step = planned(graph.document()).steps.find(({ is }) => is === "loop") as LoopStep;
    expect(Object.keys(step.carried)).toEqual(["x"]);
    expect(step.each.map(({ title }) => title)).toEqual(["Scale x"]);
  });

  test("with a node inside that shows run it at every step", async () => {
    const { shown, story } = await ran((graph) => {
      graph.loop("Loop", { schedule: schedule(graph) }, (body) => {
        show(body, index(body));
      });
    });
    expect(shown).toEqual([2, 1, 0]);
    expect(story).toContain("2/3! 2#0 2/3! 2#1 2/3! 2#2");
  });

  test("that are fed from their own output are a cycle", () => {
    const graph = documentBuilder(registry);
    const loop = graph.loop("Loop", { schedule: schedule(graph) }, (body) => {
      body.output("y", "tensor", body.add("guidegraph/scale", { x: body.input("x", "tensor") }).out("x"));
    });
    const back = graph.add("guidegraph/scale", { x: loop.out("y") });
    graph.connect(back.out("x"), loop, "x");
    show(graph, back.out("x"));
    expect(() => planned(graph.document())).toThrow("A cycle: Scale (3) → Loop (2) → Scale (3)");
  });

  test("give the step to a loop inside under another name", async () => {
    const { calls } = await ran((graph) => {
      const outer = graph.loop("Outer", { schedule: schedule(graph, 2) }, (one) => {
        const inner = one.loop("Inner", { schedule: schedule(one, 2), around: one.input("step", "step") }, (two) => {
          const around = two.add("guidegraph/index", { step: two.input("around", "step") }, "Around");
          two.output("i", "tensor", sum(two, around.out("x"), index(two)));
        });
        one.output("i", "tensor", inner.out("i"));
      });
      show(graph, outer.out("i"));
    });
    expect(calls.filter((call) => call.startsWith("add"))).toEqual(["add 2", "add 1", "add 1", "add 0"]);
  });

  test("take a parameter of their body from the outer node, and order from a wire", async () => {
    const { shown } = await ran((graph) => {
      const text = graph.add("guidegraph/word", { value: "0, 0, 0" }).out("value");
      const loop = graph.loop(
        "Loop",
        { schedule: schedule(graph), x: constant(graph, 1), order: text, factor: 3 },
        (body) => {
          const scaled = body.add("guidegraph/scale", {
            x: body.input("x", "tensor"),
            factor: body.input("factor", "number"),
          });
          body.output("x", "tensor", scaled.out("x"));
        },
      );
      show(graph, loop.out("x"));
    });
    expect(shown).toEqual([27]);
  });

  test("have facts: the first value's inside, the next one's outside", () => {
    const graph = documentBuilder(registry);
    const loop = graph.loop("Loop", { schedule: schedule(graph), x: constant(graph, 1, 24) }, (body) => {
      body.output("x", "tensor", body.add("guidegraph/scale", { x: body.input("x", "tensor") }).out("x"));
    });
    const after = graph.add("guidegraph/scale", { x: loop.out("x") });
    show(graph, after.out("x"));
    const { steps } = planned(graph.document());
    const step = steps.find(({ is }) => is === "loop") as LoopStep;
    expect((step.each[0] as NodeStep).facts.x).toEqual({ height: 24, width: 24 });
    expect((steps.find(({ path }) => path === `${after.id}`) as NodeStep).facts.x).toEqual({ height: 24, width: 24 });
  });
});
