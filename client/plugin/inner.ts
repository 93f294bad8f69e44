/** The graph inside a Subgraph or a Sampling Loop. */
import { structures } from "../../graphs/document/index.ts";
import type { GuideNode } from "./guide-node.ts";
import type { HostGraph, HostSlot, LiteGraphHost } from "./host.ts";

interface Hooks {
  onNodeAdded?(): void;
  onNodeRemoved?(): void;
  onConnectionChange?(): void;
}

/** A new one, whose holder's ports follow what happens in it. */
export function innerGraph(holder: GuideNode, { LGraph }: LiteGraphHost): HostGraph {
  const inner: HostGraph & Hooks = new LGraph();
  const { configure } = inner;
  inner._subgraph_node = holder;
  inner._is_subgraph = true;
  inner.configure = (...data) => holder.quietly(() => configure.apply(inner, data));
  for (const hook of ["onNodeAdded", "onNodeRemoved", "onConnectionChange"] as const)
    inner[hook] = () => holder.follow(true);
  return inner;
}

const typeOf = { inputs: structures.input, outputs: structures.output } as const;

type Change = (inner: HostGraph, side: "inputs" | "outputs", slot: HostSlot, host: LiteGraphHost) => void;

/** A port is added from outside: the node that is it inside. */
export const addBorder: Change = (inner, side, { name, type: kind }, { registered_node_types: types }) => {
  const node = new (types[typeOf[side]] as new () => GuideNode)();
  node.title = name;
  node.setProperty("name", name);
  node.setProperty("kind", kind);
  const column = inner._nodes.filter(({ type }) => type === typeOf[side]);
  const last = column.at(-1)?.pos ?? [64, 8];
  node.pos = [last[0], last[1] + 88];
  inner.add(node);
};

export const removeBorder: Change = (inner, side, { name }) => {
  const node = inner._nodes.find(({ type, properties }) => type === typeOf[side] && properties.name === name);
  if (node) inner.remove(node);
};
