/** Notes and reroutes in the planner: the ones say something, the others are looked through. */
import { describe, expect, test } from "vitest";
import { GraphErrors, type LoopStep, plan } from "../../executor/index.ts";
import {
  documentBuilder,
  type GraphDocument,
  type InnerBuilder,
  type LevelBuilder,
  type Wire,
} from "../../graphs/document/index.ts";
import { eventsOf, nothingKnown, toys } from "./toys.ts";

const { registry } = toys();
const planned = (document: GraphDocument, targets?: string[]) => plan(document, registry, nothingKnown, targets);

function built(build: (graph: InnerBuilder) => void): GraphDocument {
  const graph = documentBuilder(registry);
  build(graph);
  return graph.document();
}

function problemsOf(document: GraphDocument): string[] {
  try {
    planned(document);
  } catch (error) {
    if (error instanceof GraphErrors)
      return error.errors.map(({ path, port, message }) => `${path}, ${port}: ${message}`);
    throw error;
  }
  return [];
}

const rerouted = (graph: LevelBuilder, value: Wire): Wire => graph.add("guidegraph/reroute", { value }).out("value");
const constant = (graph: LevelBuilder, value = 3): Wire => graph.add("guidegraph/constant", { value }).out("x");
const show = (graph: LevelBuilder, x: Wire) => graph.add("guidegraph/show", { x });
const mode = (document: GraphDocument, id: number, mode: 2 | 4): GraphDocument => ({
  ...document,
  nodes: document.nodes.map((node) => (node.id === id ? { ...node, mode } : node)),
});

test("a note is no step, whatever it says", () => {
  const document = built((graph) => {
    show(graph, constant(graph));
    graph.add("guidegraph/note", { text: "Two lines\nof text" });
  });
  expect(planned(document).steps.map(({ path }) => path)).toEqual(["1", "2"]);
  expect(problemsOf(built((graph) => graph.add("guidegraph/note")))).toEqual([
    "undefined, undefined: Nothing to run: no node shows or saves anything",
  ]);
});

describe("a reroute", () => {
  const chain = built((graph) => show(graph, rerouted(graph, rerouted(graph, constant(graph, 7)))));

  test("is dissolved, in a chain too", async () => {
    expect(planned(chain).steps.map(({ path }) => path)).toEqual(["1", "4"]);
    const fresh = toys();
    await eventsOf(plan(chain, fresh.registry, nothingKnown));
    expect(fresh.shown).toEqual([7]);
  });

  test("leaves the key of what reads through it as it is without", () => {
    const direct = built((graph) => show(graph, constant(graph, 7)));
    expect(planned(chain).steps.map(({ key }) => key)).toEqual(planned(direct).steps.map(({ key }) => key));
  });

  test("passes when it is bypassed, and cuts the wire when it is muted", () => {
    expect(planned(mode(chain, 2, 4)).steps).toHaveLength(2);
    expect(problemsOf(mode(chain, 2, 2))).toEqual(["4, x: It is fed by Reroute (2), which is muted"]);
  });

  test("that nothing feeds or nothing reads is harmless", () => {
    const idle = built((graph) => {
      const x = constant(graph);
      show(graph, x);
      rerouted(graph, x);
      graph.add("guidegraph/reroute");
    });
    expect(planned(idle).steps.map(({ path }) => path)).toEqual(["1", "2"]);
  });

  test("that nothing feeds leaves its reader unwired, which the reader tells", () => {
    const document = built((graph) => show(graph, graph.add("guidegraph/reroute").out("value")));
    expect(problemsOf(document)).toEqual(['2, x: Show needs "x": nothing is wired to it']);
    const optional = built((graph) => {
      const b = graph.add("guidegraph/reroute").out("value");
      show(graph, graph.add("guidegraph/add", { a: constant(graph), b }).out("x"));
    });
    expect(problemsOf(optional)).toEqual([]);
  });

  test("does not hide a wrong kind: the error names the real ends", () => {
    const document = built((graph) =>
      show(graph, rerouted(graph, rerouted(graph, graph.add("guidegraph/labels").out("labels")))),
    );
    expect(problemsOf(document)).toEqual(['4, x: It takes tensor, but "labels" of Labels (1) is labels']);
  });

  test("does not hide a cycle, and may be in none of its own", () => {
    const round = documentBuilder(registry);
    const sum = round.add("guidegraph/add", { b: constant(round) });
    round.connect(rerouted(round, sum.out("x")), sum, "a");
    show(round, sum.out("x"));
    expect(problemsOf(round.document())[0]).toMatch(/A cycle: Add \(\d\) → Add \(\d\)/);
    const self = documentBuilder(registry);
    const reroute = self.add("guidegraph/reroute");
    self.connect(rerouted(self, reroute.out("value")), reroute, "value");
    show(self, reroute.out("value"));
    expect(problemsOf(self.document())).toEqual(["1, undefined: Reroute (1) is fed by itself"]);
  });

  test("works in loops and subgraphs, before their borders and inside", async () => {
    const document = built((graph) => {
      const schedule = rerouted(graph, graph.add("guidegraph/schedule").out("schedule"));
      const loop = graph.loop("Loop", { schedule, x: rerouted(graph, constant(graph, 1)) }, (body) => {
        const factor = rerouted(body, body.input("factor", "number"));
        const x = body.add("guidegraph/scale", { x: rerouted(body, body.input("x", "tensor")), factor }).out("x");
        body.output("x", "tensor", rerouted(body, x));
      });
      show(graph, rerouted(graph, loop.out("x")));
    });
    const fresh = toys();
    const steps = plan(document, fresh.registry, nothingKnown);
    expect((steps.steps.find(({ is }) => is === "loop") as LoopStep).each).toHaveLength(1);
    await eventsOf(steps);
    expect(fresh.shown).toEqual([8]);
    expect(document.nodes.find(({ title }) => title === "Loop")?.properties).toMatchObject({ factor: 2 });
  });

  test("can be run to and watched: it stands for what feeds it", async () => {
    expect(planned(chain, ["3"]).targets).toEqual(["1"]);
    const seen: unknown[] = [];
    const see = (value: unknown) => {
      seen.push((value as { data: Float32Array }).data[0]);
      return undefined;
    };
    await eventsOf(planned(chain), { watch: [{ path: "3", output: "value", see }] });
    expect(seen).toEqual([7]);
  });
});
