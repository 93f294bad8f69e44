import { expect, test } from "vitest";
import type { HostGraph } from "../../../client/plugin/host.ts";
import { nodesIn, showProblems, showRun } from "../../../client/plugin/paint.ts";
import { saidBy } from "../../../client/plugin/view.ts";
import type { RunView } from "../../../client/runs/run-view.ts";
import type { Runs } from "../../../client/runs/runs.ts";
import { added, LGraph } from "./host.ts";

test("nodes have paths through the graphs that hold them; what is not ours has none", () => {
  const graph = new LGraph();
  const outer = added(graph, "subgraph");
  added(outer.subgraph as HostGraph, "input");
  const loop = added(outer.subgraph as HostGraph, "sampling-loop");
  added(loop.subgraph as HostGraph, "predict");
  expect([...nodesIn(graph)].map(([path, { type }]) => `${path} ${type}`)).toEqual([
    "1 guidegraph/subgraph",
    "1/1 guidegraph/input",
    "1/2 guidegraph/sampling-loop",
    "1/2/1 guidegraph/predict",
  ]);
});

test("a problem is shown on its node and on those that hold it, above other nodes; the next look takes it away", () => {
  const graph = new LGraph();
  const [outer, other] = [added(graph, "subgraph"), added(graph, "number")];
  const inner = added(outer.subgraph as HostGraph, "predict");
  showProblems(graph, [{ message: "Predict needs a model", node: "1/1", port: "model" }]);
  const failed = { state: "failed", message: "Predict needs a model" };
  expect([outer, inner, other].map(({ view }) => view.status)).toEqual([failed, failed, { state: "idle" }]);
  expect(graph._nodes.map(({ id }) => id)).toEqual([other.id, outer.id]);
  showProblems(graph, []);
  expect([outer, inner].map(({ view }) => view.status.state)).toEqual(["idle", "idle"]);
});

test("what may not be meant is shown below its node and those that hold it, while the run is, and what failed before it", () => {
  const graph = new LGraph();
  const [outer, other] = [added(graph, "subgraph"), added(graph, "number")];
  const inner = added(outer.subgraph as HostGraph, "draw-noise");
  const runs = { picturePaths: () => [], picture: () => undefined } as unknown as Runs;
  const run = { summary: { id: "r", state: "running", outputs: [] }, nodes: new Map(), steps: new Map() };
  const message = "It draws the very noise that “DDPM Step” draws";
  showRun(graph, runs, run as unknown as RunView, [{ message, node: "1/1", port: "noise" }]);
  expect([outer, inner, other].map(({ view }) => saidBy(view))).toEqual([message, message, undefined]);
  expect(saidBy({ ...inner.view, status: { state: "failed", message: "no" } })).toBe("no");
  showRun(graph, runs, run as unknown as RunView);
  expect([outer, inner].map(({ view }) => saidBy(view))).toEqual([undefined, undefined]);
});

test("nothing of what a node shows is saved", () => {
  const graph = new LGraph();
  const node = added(graph, "predict");
  const before = JSON.stringify(graph.serialize());
  node.show({ status: { state: "failed", message: "no" }, tag: "x₀" });
  expect(JSON.stringify(graph.serialize())).toBe(before);
});

test("help is litegraph's panel, with a line for every port that has some, as text", () => {
  const node = added(new LGraph(), "diffusion-schedule") as unknown as {
    getExtraMenuOptions(canvas: object): { content: string; callback(): void }[];
    onShowCustomPanelInfo(panel: object): void;
  };
  const shown: unknown[] = [];
  const entries = node.getExtraMenuOptions({ showShowNodePanel: (of: unknown) => shown.push(of) });
  entries.find(({ content }) => content.startsWith("Help"))?.callback();
  expect(shown).toEqual([node]);
  const lines: string[] = [];
  node.onShowCustomPanelInfo({ addHTML: (line: string) => lines.push(line) });
  expect(lines.find((line) => line.includes("timestep_respacing"))).toMatch(/<b>timestep_respacing<\/b> /);
});
