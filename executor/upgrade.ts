/**
 * A document rebuilt for the definitions at hand: nodes of older versions migrated, every node with its definition's
 * ports in their order. The planner does this first, and an editor before it shows a file.
 */
import {
  type Graph,
  type GraphDocument,
  type GraphNode,
  graphSlot,
  own,
  pathOf,
  portsOf,
  type Slot,
  structures,
  wiredSlots,
  withPorts,
  withRerouteKinds,
} from "../graphs/document/index.ts";
import {
  type AnyNode,
  GraphError,
  isStructure,
  type Migration,
  type Registry,
  type Structure,
} from "../nodes/index.ts";

/** The document for `registry`; a node written for a newer version than the registry's is left as it is and told in `problems`. */
export function upgrade(document: GraphDocument, registry: Registry, problems: GraphError[] = []): GraphDocument {
  return upgradeGraph(document, registry, {}, "", problems);
}

type Versions = Readonly<Record<string, number>>;

function upgradeGraph(graph: Graph, registry: Registry, outer: Versions, path: string, problems: GraphError[]): Graph {
  const versions = { ...outer, ...graph.about.versions };
  const migrated = new Map<number, Migrated>();
  for (const node of graph.nodes) {
    const entry = own(registry, node.type);
    const at = pathOf(path, node.id);
    const inner = node.inner && { inner: upgradeGraph(node.inner, registry, versions, at, problems) };
    const version = own(versions, node.type) ?? 1;
    if (entry && version > entry.version)
      problems.push(
        new GraphError(
          `It was saved for version ${version} of ${entry.title}, here is ${entry.version}`,
          undefined,
          at,
        ),
      );
    migrated.set(node.id, migrate({ ...node, ...inner }, entry, version));
  }
  const links = graph.links.map((link) => ({
    ...link,
    output: renamed(link.output, migrated.get(link.from)?.outputs),
    input: renamed(link.input, migrated.get(link.to)?.inputs),
  }));
  const wired = wiredSlots(links);
  const nodes = [...migrated.values()].map(({ node }) => {
    const ports = portsOf(node, registry);
    return ports ? withPorts(node, ports, wired, "kept") : node;
  });
  const known = nodes.flatMap(({ type }) => own(registry, type) ?? []);
  const stamped = Object.fromEntries(known.map(({ type, version }) => [type, version]));
  const about = { ...graph.about, versions: { ...graph.about.versions, ...stamped } };
  return withRerouteKinds({ ...graph, nodes, links, about });
}

interface Migrated {
  readonly node: GraphNode;
  readonly inputs: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
}

/** Applies one migration after the other, from the file's version to the definition's. */
function migrate(node: GraphNode, entry: AnyNode | Structure | undefined, version: number): Migrated {
  const inputs = new Map(node.inputs.map(({ name }) => [name, name]));
  const outputs = new Map(node.outputs.map(({ name }) => [name, name]));
  let { properties } = node;
  if (entry && !isStructure(entry))
    for (let from = version; from < entry.version; from++) {
      const step: Migration = entry.migrations?.[from] ?? {};
      for (const [first, last] of inputs) inputs.set(first, own(step.inputs, last) ?? last);
      for (const [first, last] of outputs) outputs.set(first, own(step.outputs, last) ?? last);
      const names = Object.entries(properties).map(([name, value]) => [own(step.inputs, name) ?? name, value]);
      properties = Object.fromEntries(names);
      properties = step.properties?.(properties) ?? properties;
    }
  const isReroute = entry?.type === structures.reroute;
  if (isReroute || entry?.type === structures.input) for (const name of outputs.keys()) outputs.set(name, graphSlot);
  if (isReroute || entry?.type === structures.output) for (const name of inputs.keys()) inputs.set(name, graphSlot);
  const rename = (slots: readonly Slot[], names: ReadonlyMap<string, string>) =>
    slots.map((slot) => ({ ...slot, name: renamed(slot.name, names) }));
  return {
    node: { ...node, properties, inputs: rename(node.inputs, inputs), outputs: rename(node.outputs, outputs) },
    inputs,
    outputs,
  };
}

const renamed = (name: string, names: ReadonlyMap<string, string> | undefined): string => names?.get(name) ?? name;
