import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Subject, takeUntil } from "rxjs";
import { describe, expect, test } from "vitest";
import { type LoopStep, plan, type RunEvent, run, type Values, type Watch } from "../../executor/index.ts";
import {
  documentBuilder,
  type GraphDocument,
  type InnerBuilder,
  type LevelBuilder,
  type Wire,
} from "../../graphs/document/index.ts";
import { GraphError, port } from "../../nodes/index.ts";
import { eventsOf, nothingKnown, numberIn, story, toys, world } from "./toys.ts";

/** A registry, and what a graph built from it becomes. */
function kit() {
  const { registry, calls, shown } = toys();
  const document = (build: (graph: LevelBuilder) => void): GraphDocument => {
    const graph = documentBuilder(registry);
    build(graph);
    return graph.document();
  };
  const planned = (build: (graph: LevelBuilder) => void, targets?: string[]) =>
    plan(document(build), registry, nothingKnown, targets);
  return { registry, calls, shown, planned };
}

/** constant → scale → show */
const line =
  (factor = 3, value = 2) =>
  (graph: LevelBuilder) => {
    const a = graph.add("guidegraph/constant", { value });
    const b = graph.add("guidegraph/scale", { x: a.out("x"), factor });
    graph.add("guidegraph/show", { x: b.out("x") });
  };

/** A loop of `count` steps that adds the index and a constant of the body; its x is shown. */
const counting = (count: number, rest?: (graph: LevelBuilder) => void) => (graph: LevelBuilder) => {
  const schedule = graph.add("guidegraph/schedule", { count });
  const start = graph.add("guidegraph/constant", { value: 100 });
  const loop = graph.loop("Loop", { schedule: schedule.out("schedule"), x: start.out("x") }, (inner) => {
    const x = inner.input("x", "tensor");
    const index = inner.add("guidegraph/index", { step: inner.input("step", "step") });
    const fixed = inner.add("guidegraph/constant", { value: 1000 });
    const more = inner.add("guidegraph/add", { a: index.out("x"), b: fixed.out("x") });
    inner.output("x", "tensor", inner.add("guidegraph/add", { a: x, b: more.out("x") }).out("x"));
  });
  graph.add("guidegraph/show", { x: loop.out("x") });
  rest?.(graph);
};

describe("a run", () => {
  test("goes in order and tells each node's states", async () => {
    const { planned, calls, shown } = kit();
    const events = await eventsOf(planned(line()));
    expect(calls).toEqual(["constant 2", "scale 2 by 3"]);
    expect(shown).toEqual([6]);
    expect(story(events)).toBe("1:running 1:done 2:running 2:done 3:running 3! 3:done");
  });

  test("starts when subscribed to, once for each subscriber", async () => {
    const { planned, shown } = kit();
    const events$ = run(planned(line()), world);
    expect(shown).toEqual([]);
    await Promise.all([1, 2].map(() => new Promise((complete) => events$.subscribe({ complete: () => complete(0) }))));
    expect(shown).toEqual([6, 6]);
  });

  test("carries a value from step to step and computes what does not change once", async () => {
    const { planned, calls, shown } = kit();
    const steps = planned(counting(3));
    expect(steps.steps.map(({ path }) => path)).toEqual(["1", "2", "3/4", "3", "4"]);
    expect((steps.steps[3] as LoopStep).each.map(({ path }) => path)).toEqual(["3/3", "3/5", "3/6"]);
    const events = await eventsOf(steps);
    expect(shown).toEqual([100 + 2 + 1 + 0 + 3000]);
    expect(calls.filter((call) => call === "constant 1000")).toHaveLength(1);
    expect(calls.filter((call) => call.startsWith("index"))).toEqual(["index 2", "index 1", "index 0"]);
    expect(story(events)).toContain("3:running 3#0 3#1 3#2 3/3:done 3/5:done 3/6:done 3:done");
    expect(events.flatMap((event) => ("count" in event ? event.count : []))).toEqual([3, 3, 3]);
  });

  test("to a node gives its value to those who watch and runs nothing after it", async () => {
    const { planned, shown } = kit();
    const seen: number[] = [];
    const watch: Watch[] = [{ path: "2", output: "x", see: (value) => void seen.push(numberIn(value)) }];
    expect(story(await eventsOf(planned(line(), ["2"]), { watch }))).toBe("1:running 1:done 2:running 2:done");
    expect(seen).toEqual([6]);
    expect(shown).toEqual([]);
  });

  test("of no batches is refused", () => {
    expect(() => run(kit().planned(line()), world, { batches: 0 })).toThrow("Cannot run 0 batches");
  });

  test("holds a parameter that a wire supplies to its range", async () => {
    const { planned } = kit();
    const build = (value: number) => (graph: LevelBuilder) => {
      const factor = graph.add("guidegraph/number", { value }).out("value");
      const scaled = graph.add("guidegraph/scale", { x: graph.add("guidegraph/constant").out("x"), factor });
      graph.add("guidegraph/show", { x: scaled.out("x") });
    };
    await eventsOf(planned(build(10)));
    await expect(eventsOf(planned(build(11)))).rejects.toMatchObject({
      ...{ path: "3", port: "factor", message: "It must be a number from -10 to 10, not 11" },
    });
  });
});

describe("a node that fails", () => {
  const failing = (graph: LevelBuilder) => {
    const schedule = graph.add("guidegraph/schedule");
    const loop = graph.loop(
      "Loop",
      { schedule: schedule.out("schedule"), x: graph.add("guidegraph/constant").out("x") },
      (body) => {
        const x = body.add("guidegraph/fail", { x: body.input("x", "tensor"), message: "The tensor is odd" });
        body.output("x", "tensor", x.out("x"));
      },
    );
    graph.add("guidegraph/show", { x: loop.out("x") });
  };

  test("is told as its state and ends the run with its error", async () => {
    const events: object[] = [];
    const { planned } = kit();
    const error = await new Promise((resolve) =>
      run(planned(failing), world).subscribe({ next: (event) => events.push(event), error: resolve }),
    );
    expect(error).toBeInstanceOf(GraphError);
    expect(error).toMatchObject({ path: "3/2", port: "x", message: "The tensor is odd" });
    expect(events.at(-1)).toEqual({
      type: "node",
      path: "3/2",
      state: "failed",
      port: "x",
      message: "The tensor is odd",
    });
    expect(story(events as RunEvent[])).toBe("1:running 1:done 2:running 2:done 3:running 3/2:failed");
  });

  test("keeps the message of any error, and the error itself as the cause", async () => {
    const { registry } = kit();
    const broken = { ...registry["guidegraph/scale"], run: () => Promise.reject(new RangeError("Out of range")) };
    const graph = documentBuilder(registry);
    line()(graph);
    const steps = plan(graph.document(), { ...registry, "guidegraph/scale": broken }, nothingKnown);
    await expect(eventsOf(steps)).rejects.toMatchObject({
      path: "2",
      message: "Out of range",
      cause: expect.any(RangeError),
    });
  });

  test("that does not give a declared output is told so", async () => {
    const { registry } = kit();
    const forgetful = { ...registry["guidegraph/scale"], run: () => ({}) };
    const graph = documentBuilder(registry);
    line()(graph);
    const steps = plan(graph.document(), { ...registry, "guidegraph/scale": forgetful }, nothingKnown);
    await expect(eventsOf(steps)).rejects.toMatchObject({ path: "2", message: 'It gave no output "x"' });
  });
});

describe("unsubscribing", () => {
  const waiting = (graph: LevelBuilder) => {
    const schedule = graph.add("guidegraph/schedule", { count: 1000 });
    const loop = graph.loop(
      "Loop",
      { schedule: schedule.out("schedule"), x: graph.add("guidegraph/constant").out("x") },
      (body) => {
        body.output("x", "tensor", body.add("guidegraph/wait", { x: body.input("x", "tensor"), ms: 5 }).out("x"));
      },
    );
    graph.add("guidegraph/show", { x: loop.out("x") });
  };
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  test("stops within one call of a node and tells nothing more", async () => {
    const { planned, calls, shown } = kit();
    const events: object[] = [];
    const subscription = run(planned(waiting), world).subscribe((event) => events.push(event));
    while (calls.length < 3) await pause(1);
    subscription.unsubscribe();
    const [made, told] = [calls.length, events.length];
    await pause(50);
    expect([calls.length, events.length]).toEqual([made, told]);
    expect(shown).toEqual([]);
  });

  test("aborts the signal that nodes see", async () => {
    const { registry } = kit();
    let signal: AbortSignal | undefined;
    const watching = {
      ...registry["guidegraph/scale"],
      run: (_: object, context: { signal: AbortSignal }) => {
        signal = context.signal;
        return new Promise((_, reject) =>
          context.signal.addEventListener("abort", () => reject(context.signal.reason)),
        );
      },
    };
    const graph = documentBuilder(registry);
    line()(graph);
    const steps = plan(
      graph.document(),
      { ...registry, "guidegraph/scale": watching } as typeof registry,
      nothingKnown,
    );
    const failed: unknown[] = [];
    const subscription = run(steps, world).subscribe({ error: (error) => failed.push(error) });
    while (!signal) await pause(1);
    subscription.unsubscribe();
    await pause(1);
    expect(signal.aborted).toBe(true);
    expect(failed).toEqual([]);
  });

  test("is heard even when no node ever waits", async () => {
    const { planned } = kit();
    const steps = planned(counting(100_000));
    const enough = new Subject<void>();
    let taken = 0;
    await new Promise((complete) => {
      run(steps, world)
        .pipe(takeUntil(enough))
        .subscribe({
          next: ({ type }) => {
            if (type === "step" && taken++ === 0) setTimeout(() => enough.next());
          },
          complete: () => complete(0),
        });
    });
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(100_000);
  });
});

describe("the cache", () => {
  test("gives a second run what has not changed, and effects run again", async () => {
    const { planned, calls } = kit();
    const cache = new Map<string, Values>();
    await eventsOf(planned(line(3)), { cache });
    expect(story(await eventsOf(planned(line(3)), { cache }))).toBe("1:cached 2:cached 3:running 3! 3:done");
    expect(story(await eventsOf(planned(line(4)), { cache }))).toBe("1:cached 2:running 2:done 3:running 3! 3:done");
    expect(calls).toEqual(["constant 2", "scale 2 by 3", "scale 2 by 4"]);
  });

  test("keeps a whole loop, also when it moves into a subgraph", async () => {
    const { planned, calls } = kit();
    const cache = new Map<string, Values>();
    await eventsOf(planned(counting(3)), { cache });
    const made = calls.length;
    expect(story(await eventsOf(planned(counting(3)), { cache }))).toBe(
      "1:cached 2:cached 3/4:cached 3:cached 4:running 4! 4:done",
    );
    await eventsOf(
      planned((graph) => void graph.subgraph("All", {}, counting(3))),
      { cache },
    );
    expect(calls).toHaveLength(made);
    await eventsOf(planned(counting(4)), { cache });
    expect(calls.length).toBeGreaterThan(made);
  });

  test("does not keep a loop that shows something inside", async () => {
    const { planned, shown } = kit();
    const cache = new Map<string, Values>();
    const build = (graph: LevelBuilder) => {
      graph.loop("Loop", { schedule: graph.add("guidegraph/schedule").out("schedule") }, (body) => {
        body.add("guidegraph/show", { x: body.add("guidegraph/index", { step: body.input("step", "step") }).out("x") });
      });
    };
    await eventsOf(planned(build), { cache });
    await eventsOf(planned(build), { cache });
    expect(shown).toEqual([2, 1, 0, 2, 1, 0]);
  });

  test("does not stand for a loop that has come to show something, or is run to a node inside", async () => {
    const { planned, shown, calls } = kit();
    const cache = new Map<string, Values>();
    const build = (look: boolean) => (graph: LevelBuilder) => {
      const loop = graph.loop("Loop", { schedule: graph.add("guidegraph/schedule").out("schedule") }, (body) => {
        const index = body.add("guidegraph/index", { step: body.input("step", "step") });
        body.output("i", "tensor", index.out("x"));
        if (look) body.add("guidegraph/show", { x: index.out("x") });
      });
      graph.add("guidegraph/show", { x: loop.out("i") });
    };
    await eventsOf(planned(build(false)), { cache });
    await eventsOf(planned(build(true)), { cache });
    expect(shown).toEqual([0, 2, 1, 0, 0]);
    calls.length = 0;
    await eventsOf(planned(build(false), ["2/2"]), { cache });
    expect(calls).toEqual(["index 2", "index 1", "index 0"]);
  });

  test("does not keep what a failed node or a cancelled run was about to give", async () => {
    const { planned } = kit();
    const cache = new Map<string, Values>();
    const build = (graph: LevelBuilder) => {
      const x = graph.add("guidegraph/fail", { x: graph.add("guidegraph/constant").out("x") });
      graph.add("guidegraph/show", { x: x.out("x") });
    };
    await expect(eventsOf(planned(build), { cache })).rejects.toThrow();
    await expect(eventsOf(planned(build), { cache })).rejects.toThrow();
  });

  test("does not keep handles, which belong to the world that made them", async () => {
    const { registry } = kit();
    const made: string[] = [];
    const load = {
      ...registry["guidegraph/constant"],
      outputs: { x: port.tensor(), model: port.model() },
      run: () => ({ x: { dims: [1], data: Float32Array.of(made.push("model")) }, model: {} }),
    };
    const own = { ...registry, "guidegraph/constant": load } as typeof registry;
    const graph = documentBuilder(own);
    graph.add("guidegraph/show", { x: graph.add("guidegraph/constant").out("x") });
    const cache = new Map<string, Values>();
    for (let i = 0; i < 2; i++) await eventsOf(plan(graph.document(), own, nothingKnown), { cache });
    expect(made).toHaveLength(2);
  });

  test("lets values be taken whose makers it has dropped", async () => {
    const { planned, calls } = kit();
    const cache = new Map<string, Values>();
    const keys = planned(line()).steps.map(({ key }) => key);
    cache.set(keys[1], { x: { dims: [1], data: new Float32Array([42]) } });
    expect(story(await eventsOf(planned(line()), { cache }))).toBe("1:cached 2:cached 3:running 3! 3:done");
    expect(calls).toEqual([]);
  });
});

describe("batches", () => {
  const perBatch = (graph: LevelBuilder) => {
    const fixed = graph.add("guidegraph/constant", { value: 10 }).out("x");
    const batch = graph.add("guidegraph/batch").out("x");
    graph.add("guidegraph/show", { x: graph.add("guidegraph/add", { a: fixed, b: batch }).out("x") });
    graph.add("guidegraph/show", { x: fixed });
  };

  test("follow each other; what does not depend on them is computed once", async () => {
    const { planned, calls, shown } = kit();
    await eventsOf(planned(perBatch), { batches: 3 });
    expect(shown).toEqual([10, 10, 11, 10, 12, 10]);
    expect(calls).toEqual([
      "constant 10",
      "batch 0 of 3",
      "add 10",
      "batch 1 of 3",
      "add 11",
      "batch 2 of 3",
      "add 12",
    ]);
  });

  test("are cached each for itself", async () => {
    const { planned, calls } = kit();
    const cache = new Map<string, Values>();
    await eventsOf(planned(perBatch), { batches: 2, cache });
    const made = calls.length;
    const { shown, planned: again } = kit();
    const events = await eventsOf(again(perBatch), { batches: 3, cache });
    expect(shown).toEqual([10, 10, 11, 10, 12, 10]);
    expect(made).toBe(5);
    const told = events.flatMap((event) =>
      "type" in event && event.type === "batch" ? [(event as { cached?: true }).cached] : [],
    );
    expect(told).toEqual([true, true, undefined]);
  });
});

describe("watching", () => {
  test("sees every step's values and shows what it returns, without a node for it", async () => {
    const { planned } = kit();
    const seen: unknown[] = [];
    const picture = { dims: [1, 1, 1, 1], data: new Uint8Array([7]) };
    const watch: Watch[] = [
      { path: "3/3", output: "x", see: (value, at) => void seen.push([numberIn(value), at]) },
      { path: "3", output: "x", see: (_, { index }) => (index === 1 ? picture : undefined) },
    ];
    const events = await eventsOf(planned(counting(3)), { watch });
    expect(seen).toEqual([
      [2, { batch: 0, index: 0, count: 3 }],
      [1, { batch: 0, index: 1, count: 3 }],
      [0, { batch: 0, index: 2, count: 3 }],
    ]);
    expect(events.filter((event) => "pictures" in event && !("path" in event && event.path === "4"))).toEqual([
      { type: "preview", path: "3", index: 1, pictures: picture },
    ]);
  });

  test("sees what leaves a subgraph, at any depth and in loops", async () => {
    const { planned } = kit();
    const inside = (x: (graph: InnerBuilder) => Wire) => (graph: LevelBuilder) =>
      graph.subgraph("Sub", {}, (one) => {
        const two = one.subgraph("Sub", {}, (inner) => inner.output("y", "tensor", x(inner)));
        one.output("y", "tensor", two.out("y"));
      });
    const build = (graph: LevelBuilder) => {
      const schedule = graph.add("guidegraph/schedule");
      const loop = graph.loop("Loop", { schedule: schedule.out("schedule") }, (body) => {
        const sub = body.subgraph("Sub", { step: body.input("step", "step") }, (inner) => {
          inner.output("y", "tensor", inner.add("guidegraph/index", { step: inner.input("step", "step") }).out("x"));
        });
        body.output("y", "tensor", sub.out("y"));
      });
      graph.add("guidegraph/show", { x: loop.out("y") });
      const sub = inside((inner) => inner.add("guidegraph/constant", { value: 9 }).out("x"))(graph);
      graph.add("guidegraph/show", { x: sub.out("y") });
    };
    const seen: number[] = [];
    const see = (value: unknown) => void seen.push(numberIn(value));
    const picture = { dims: [1, 1, 1, 1], data: new Uint8Array([7]) };
    const watch: Watch[] = ["2/2", "4"].map((path) => ({ path, output: "y", see }));
    const events = await eventsOf(planned(build), {
      watch: [...watch, { path: "4", output: "y", see: () => picture }],
    });
    expect(seen).toEqual([2, 1, 0, 9]);
    expect(events).toContainEqual({ type: "preview", path: "4", pictures: picture });
  });

  test("sees values that come from the cache", async () => {
    const { planned } = kit();
    const cache = new Map<string, Values>();
    await eventsOf(planned(line()), { cache });
    const seen: number[] = [];
    await eventsOf(planned(line()), {
      cache,
      watch: [{ path: "2", output: "x", see: (value) => void seen.push(numberIn(value)) }],
    });
    expect(seen).toEqual([6]);
  });

  // What a person looks at after a run, and what is then seen of it: first computed, then as it was kept.
  const added: Record<string, { path: string; output: string; seen: number[]; again: number[] }> = {
    "a wire in a loop": { path: "3/3", output: "x", seen: [2, 1, 0], again: [0] },
    "a wire of what is computed once for a loop": { path: "3/4", output: "x", seen: [1000], again: [1000] },
    "what a loop carries": { path: "3", output: "x", seen: [3103], again: [3103] },
    "a value of which only what follows was read": { path: "2", output: "x", seen: [100], again: [100] },
  };
  for (const [title, { path, output, seen, again }] of Object.entries(added))
    test(`shows ${title}, which was computed before anybody asked`, async () => {
      const { planned, calls } = kit();
      const cache = new Map<string, Values>();
      const graph = planned(counting(3));
      await eventsOf(graph, { cache });
      const look = async (asked: boolean) => {
        const found: number[] = [];
        calls.length = 0;
        const see = (value: unknown) => void found.push(numberIn(value));
        await eventsOf(graph, { cache, watch: [{ path, output, asked, see }] });
        return { found, computed: calls.length > 0 };
      };
      const isInner = path === "3/3";
      expect(await look(true)).toEqual({ found: seen, computed: isInner });
      expect(await look(true)).toEqual({ found: again, computed: false });
      expect((await look(false)).computed, "nobody asks").toBe(false);
    });

  test("shows what of each batch was computed before anybody asked", async () => {
    const { planned } = kit();
    const cache = new Map<string, Values>();
    const graph = planned((level) => {
      const schedule = level.add("guidegraph/schedule", { count: 2 });
      const x = level.add("guidegraph/batch").out("x");
      const loop = level.loop("Loop", { schedule: schedule.out("schedule"), x }, (body) => {
        const scaled = body.add("guidegraph/scale", { x: body.input("x", "tensor"), factor: 3 });
        body.output("x", "tensor", body.add("guidegraph/scale", { x: scaled.out("x") }).out("x"));
      });
      level.add("guidegraph/show", { x: loop.out("x") });
    });
    await eventsOf(graph, { cache, batches: 2 });
    const seen: [number, number][] = [];
    const see = (value: unknown, { batch }: { batch: number }) => void seen.push([batch, numberIn(value)]);
    const watch: Watch[] = [{ path: "3/3", output: "x", asked: true, see }];
    await eventsOf(graph, { cache, batches: 2, watch });
    expect(seen.splice(0)).toEqual([
      [0, 0],
      [0, 0],
      [1, 6],
      [1, 36],
    ]);
    await eventsOf(graph, { cache, batches: 2, watch });
    expect(seen).toEqual([
      [0, 0],
      [1, 36],
    ]);
  });
});

test("values are let go after their last reader", async () => {
  setFlagsFromString("--expose_gc");
  const collect = runInNewContext("gc") as () => void;
  const { registry } = kit();
  const made: WeakRef<Float32Array>[] = [];
  const alive: number[] = [];
  const large = {
    ...registry["guidegraph/resize"],
    run: async () => {
      const data = new Float32Array(1 << 16);
      await new Promise((resolve) => setTimeout(resolve));
      collect();
      alive.push(made.filter((ref) => ref.deref()).length);
      made.push(new WeakRef(data));
      return { x: { dims: [1 << 16], data } };
    },
  };
  const graph = documentBuilder(registry);
  let x = graph.add("guidegraph/constant").out("x");
  for (let i = 0; i < 20; i++) x = graph.add("guidegraph/resize", { x }).out("x");
  graph.add("guidegraph/show", { x });
  await eventsOf(plan(graph.document(), { ...registry, "guidegraph/resize": large } as typeof registry, nothingKnown));
  expect(alive).toHaveLength(20);
  expect(Math.max(...alive)).toBeLessThan(4);
});
