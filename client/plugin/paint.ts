/** From a run to the nodes of the host, those of inner graphs too. */
import { pathOf, structures } from "../../graphs/document/index.ts";
import type { Problem } from "../../server/protocol.ts";
import { notesIn, type RunView, statusOf, stepTag } from "../runs/run-view.ts";
import type { Runs } from "../runs/runs.ts";
import { type GuideNode, isGuideNode } from "./guide-node.ts";
import type { HostGraph } from "./host.ts";
import type { View } from "./view.ts";

/** All nodes of ours, with their paths: "7/3" is node 3 in node 7. */
export function* nodesIn({ _nodes }: HostGraph, outer = ""): Generator<readonly [path: string, node: GuideNode]> {
  for (const node of [..._nodes]) {
    if (!isGuideNode(node)) continue;
    const path = pathOf(outer, node.id);
    yield [path, node];
    if (node.subgraph) yield* nodesIn(node.subgraph, path);
  }
}

/** `notes`: what of it may not be meant. */
export function showRun(graph: HostGraph, runs: Runs, run: RunView, notes: readonly Problem[] = []): void {
  const all = [...notes, ...notesIn(run)];
  for (const [path, node] of nodesIn(graph))
    if (!still.has(node.type))
      node.show({ ...viewOf(path, node.subgraph !== undefined, runs, run), note: said(all, path) });
}

/** On the node that it names, and on those that hold it. */
const said = (problems: readonly Problem[], path: string): string | undefined =>
  problems.find(({ node }) => node === path || node?.startsWith(`${path}/`))?.message;

/** What the planner dissolves never runs, so it has nothing to wait for. */
const still = new Set<string>([structures.note, structures.reroute, structures.input, structures.output]);

function viewOf(path: string, holds: boolean, runs: Runs, run: RunView): View {
  const { id, outputs } = run.summary;
  const loop = holds ? loopIn(path, runs, run) : undefined;
  const paths = runs.picturePaths(id);
  const shown = loop ?? paths.find((at) => at === path || at.startsWith(`${path}.`));
  const saved = outputs.findLast((output) => output.path === path && output.mime === "image/png");
  const picture =
    (shown !== undefined ? runs.picture(id, shown) : undefined) ?? (saved ? runs.file(id, saved.name) : undefined);
  return {
    status: statusOf(run, path, holds),
    picture,
    tag: loop !== undefined ? stepTag(run, loop) : undefined,
  };
}

/** The loop whose x₀ a node shows: itself, or one inside it. A watched wire has its output's name after a dot. */
function loopIn(path: string, runs: Runs, { summary, steps }: RunView): string | undefined {
  const isHere = (at: string) => at === path || at.startsWith(`${path}/`);
  return [...steps.keys()].filter(isHere).find((at) => runs.picture(summary.id, at)) ?? [...steps.keys()].find(isHere);
}

/** Where pictures come to be, and are asked for: nodes that make some of what is none, such as Decode Image. */
export const picturesIn = (graph: HostGraph): { path: string; output: string }[] =>
  [...nodesIn(graph)].flatMap(([path, { subgraph, inputs, outputs }]) => {
    const output = outputs.find(({ type }) => type === "image");
    const makes = output && !subgraph && !inputs.some(({ type }) => type === "image");
    return makes ? [{ path, output: output.name }] : [];
  });

/** What the server found wrong before anything ran. */
export function showProblems(graph: HostGraph, problems: readonly Problem[]): void {
  for (const [path, node] of nodesIn(graph)) {
    const message = said(problems, path);
    const { picture } = node.view;
    node.show({ status: message !== undefined ? { state: "failed", message } : { state: "idle" }, picture });
  }
}
