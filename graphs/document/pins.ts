/**
 * Parameters that hold a file's SHA-256 beside the one that names it, so that whoever receives the graph knows which
 * file it wants.
 */
import { type Definitions, portsOf } from "./ports.ts";
import { type Graph, type GraphDocument, type GraphNode, own } from "./types.ts";

/**
 * The document with the hash of every file that a node names and no wire supplies; hashes that it has stay. `hashOf`
 * resolves to undefined for a file that is not there.
 */
export async function withPins(
  document: GraphDocument,
  definitions: Definitions,
  hashOf: (file: string) => Promise<string | undefined>,
): Promise<GraphDocument> {
  const pinned = async (graph: Graph): Promise<Graph> => ({
    ...graph,
    nodes: await Promise.all(
      graph.nodes.map(async (node) => {
        const inner = node.inner && (await pinned(node.inner));
        const hashes = inner ? {} : await hashesFor(graph, node, definitions, hashOf);
        return { ...node, ...(inner && { inner }), properties: { ...node.properties, ...hashes } };
      }),
    ),
  });
  return pinned(document);
}

async function hashesFor(
  { links }: Graph,
  node: GraphNode,
  definitions: Definitions,
  hashOf: (file: string) => Promise<string | undefined>,
): Promise<Record<string, string>> {
  const isWired = (name: string) => links.some(({ to, input }) => to === node.id && input === name);
  const hashes: Record<string, string> = {};
  for (const [pin, of] of pinsOf(node, definitions)) {
    const file = own(node.properties, of);
    const isEmpty = (own(node.properties, pin) ?? "") === "";
    if (typeof file !== "string" || file === "" || !isEmpty || isWired(pin) || isWired(of)) continue;
    const hash = await hashOf(file);
    if (hash !== undefined) hashes[pin] = hash;
  }
  return hashes;
}

/** The node with one property set. A hash beside it was of the file that was named before: it goes. */
export function withProperty(node: GraphNode, name: string, value: unknown, definitions: Definitions): GraphNode {
  const cleared = pinsOf(node, definitions).flatMap(([pin, of]) =>
    of === name && own(node.properties, of) !== value ? [[pin, ""]] : [],
  );
  return { ...node, properties: { ...node.properties, ...Object.fromEntries(cleared), [name]: value } };
}

/** Names of parameters that hold a hash, each with the name of the one that names the file. */
const pinsOf = (node: GraphNode, definitions: Definitions): [pin: string, of: string][] =>
  Object.entries(portsOf(node, definitions)?.inputs ?? {}).flatMap(([name, { parameter }]): [string, string][] =>
    parameter?.pins === undefined ? [] : [[name, parameter.pins]],
  );
