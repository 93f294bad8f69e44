/** `register(LiteGraph)`: every GuideGraph node in any litegraph host. */
import { describeNodes, type NodeDescription } from "../../nodes/describe.ts";
import { kindList } from "../../nodes/kinds.ts";
import { nodes as registry } from "../../nodes/registry.ts";
import { catalogueOf } from "../edit/catalogue.ts";
import { hueOf, lookOf } from "../look/kinds.ts";
import type { LiteGraphHost, LiteGraphOfPage } from "./host.ts";
import { nodeClass } from "./node-class.ts";
import type { KnownFiles } from "./widgets.ts";

/** Of the server that was connected last; file parameters offer them. */
export const knownFiles: KnownFiles = { model: [], image: [], tensor: [] };

let registered: LiteGraphHost | undefined;

/** The host that has our nodes. */
export function registeredHost(): LiteGraphHost {
  if (!registered) throw new Error("Cannot open a graph: the page must call register(LiteGraph) first");
  return registered;
}

/**
 * Registers the nodes with their slots, widgets and colours. `nodes`: other definitions than those that come with this
 * version, as `GET /api/nodes` of a server with nodes of its own lists them.
 */
export function register(
  LiteGraph: LiteGraphOfPage,
  nodes: readonly NodeDescription[] = describeNodes(registry),
): void {
  const host = LiteGraph as LiteGraphHost;
  registered = host;
  const around = { host, catalogue: catalogueOf(nodes), files: knownFiles };
  for (const description of nodes) {
    const node = nodeClass(description, around);
    // By this name litegraph lists it in LiteGraph.Nodes.
    Object.defineProperty(node, "name", { value: description.type });
    host.registerNodeType(description.type, node);
    // litegraph takes the category from the type, which is the same for all; its menus read it from here.
    (node as unknown as { category: string }).category = `guidegraph/${description.category}`;
  }
  const colours = host.LGraphCanvas.link_type_colors;
  for (const kind of kindList) colours[kind] ??= hueOf(lookOf(kind), "dark");
}
