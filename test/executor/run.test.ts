import { expect, test } from "vitest";
import { Cache, type LoopStep, plan } from "../../executor/index.ts";
import { documentBuilder } from "../../graphs/document/index.ts";
import { eventsOf, nothingKnown, story, toys } from "./toys.ts";

test("run computes a graph in order and tells each node's states", async () => {
  const { registry, calls, shown } = toys();
  const graph = documentBuilder(registry);
  const a = graph.add("guidegraph/constant", { value: 2 });
  const b = graph.add("guidegraph/scale", { x: a.out("x"), factor: 5 });
  const sum = graph.add("guidegraph/add", { a: a.out("x"), b: b.out("x") });
  graph.add("guidegraph/show", { x: sum.out("x") });
  const events = await eventsOf(plan(graph.document(), registry, nothingKnown));
  expect(calls).toEqual(["constant 2", "scale 2 by 5", "add 12"]);
  expect(shown).toEqual([12]);
  expect(story(events)).toBe("1:running 1:done 2:running 2:done 3:running 3:done 4:running 4! 4:done");
});

test("a loop carries a value from step to step and computes what does not change once", async () => {
  const { registry, calls, shown } = toys();
  const graph = documentBuilder(registry);
  const schedule = graph.add("guidegraph/schedule", { count: 3 });
  const start = graph.add("guidegraph/constant", { value: 100 });
  const loop = graph.loop("Loop", { schedule: schedule.out("schedule"), x: start.out("x") }, (inner) => {
    const x = inner.input("x", "tensor");
    const index = inner.add("guidegraph/index", { step: inner.input("step", "step") });
    const fixed = inner.add("guidegraph/constant", { value: 1000 });
    const more = inner.add("guidegraph/add", { a: index.out("x"), b: fixed.out("x") });
    inner.output("x", "tensor", inner.add("guidegraph/add", { a: x, b: more.out("x") }).out("x"));
    inner.output("index", "tensor", index.out("x"));
  });
  graph.add("guidegraph/show", { x: loop.out("x") });
  graph.add("guidegraph/show", { x: loop.out("index") });
  const planned = plan(graph.document(), registry, nothingKnown);
  expect(planned.steps.map(({ path }) => path)).toEqual(["1", "2", "3/4", "3", "4", "5"]);
  expect((planned.steps[3] as LoopStep).each.map(({ path }) => path)).toEqual(["3/3", "3/5", "3/6"]);
  const events = await eventsOf(planned);
  expect(shown).toEqual([100 + 2 + 1 + 0 + 3000, 0]);
  expect(calls.filter((call) => call === "constant 1000")).toHaveLength(1);
  expect(calls.filter((call) => call.startsWith("index"))).toEqual(["index 2", "index 1", "index 0"]);
  expect(story(events)).toContain("3:running 3#0 3#1 3#2 3/3:done 3/5:done 3/6:done 3:done");
});

test("a second run takes from the cache what has not changed", async () => {
  const { registry, calls } = toys();
  const build = (factor: number) => {
    const graph = documentBuilder(registry);
    const a = graph.add("guidegraph/constant", { value: 2 });
    const b = graph.add("guidegraph/scale", { x: a.out("x"), factor });
    graph.add("guidegraph/show", { x: b.out("x") });
    return plan(graph.document(), registry, nothingKnown);
  };
  const cache = new Cache();
  await eventsOf(build(3), { cache });
  expect(story(await eventsOf(build(3), { cache }))).toBe("1:cached 2:cached 3:running 3! 3:done");
  expect(story(await eventsOf(build(4), { cache }))).toBe("1:cached 2:running 2:done 3:running 3! 3:done");
  expect(calls).toEqual(["constant 2", "scale 2 by 3", "scale 2 by 4"]);
});
