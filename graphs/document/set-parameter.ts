import { near } from "./near.ts";
import { withProperty } from "./pins.ts";
import { type Definitions, type PortShape, portsOf } from "./ports.ts";
import { DocumentError, type Graph, type GraphDocument, type GraphNode, own, pathOf } from "./types.ts";

/**
 * The document with one parameter set. `name` is "Node title.parameter" or "7/3.parameter"; what follows the last dot
 * is the parameter, so a title may hold dots. A text is read as the parameter's kind asks: "12" as a number, "yes" as a
 * boolean. Ranges are the planner's business.
 *
 * Throws a DocumentError when node or parameter are unknown (naming those that are like it), when several nodes have
 * the title and this parameter (listing their paths), and when a wire supplies it.
 */
export function setParameter(
  document: GraphDocument,
  name: string,
  value: string | number | boolean,
  definitions: Definitions,
): GraphDocument {
  const dot = name.lastIndexOf(".");
  const refusal = (why: string, path?: string) =>
    new DocumentError([{ message: `Cannot set "${name}": ${why}`, ...(path && { path, port: name.slice(dot + 1) }) }]);
  if (dot < 1) throw refusal('write "Node title.parameter=value"');
  const [title, parameter] = [name.slice(0, dot), name.slice(dot + 1)];
  const nodes = nodesOf(document, "", definitions);
  const titled = nodes.filter((node) => node.title === title || node.path === title);
  if (titled.length === 0) {
    const titles = nodes.map(({ title }) => title);
    throw refusal(`no node has the title "${title}"${offer(title, titles)}`);
  }
  // A subgraph and the loop in it may share a title; where only one of them can be set, that one is meant.
  const settable = titled.filter(
    ({ node, graph }) => portNamed(node, parameter, definitions) && !isWired(graph, node, parameter),
  );
  if (titled.length > 1 && settable.length !== 1) {
    const paths = (settable.length > 0 ? settable : titled).map(({ path }) => `${path}.${parameter}`);
    throw refusal(`${paths.length} nodes have the title "${title}"; write one of ${paths.join(", ")}`);
  }
  const [{ path, node, graph }] = settable.length === 1 ? settable : titled;
  const port = portNamed(node, parameter, definitions);
  if (!port)
    throw refusal(`${title} has no parameter "${parameter}"${offer(parameter, parametersOf(node, definitions))}`, path);
  if (isWired(graph, node, parameter)) throw refusal("a wire supplies it", path);
  const typed = read(value, port.kind);
  if (typed === undefined) throw refusal(`${JSON.stringify(value)} is not a ${port.kind}`, path);
  const change = (node: GraphNode) => withProperty(node, parameter, typed, definitions);
  return withNode(document, path.split("/").map(Number), change);
}

const isWired = ({ links }: Graph, { id }: GraphNode, name: string): boolean =>
  links.some(({ to, input }) => to === id && input === name);

const parametersOf = (node: GraphNode, definitions: Definitions): string[] =>
  Object.entries(portsOf(node, definitions)?.inputs ?? {}).flatMap(([name, { parameter }]) => (parameter ? name : []));

interface Found {
  readonly path: string;
  readonly title: string;
  readonly node: GraphNode;
  readonly graph: Graph;
}

function nodesOf(graph: Graph, outer: string, definitions: Definitions): Found[] {
  return graph.nodes.flatMap((node): Found[] => {
    const path = pathOf(outer, node.id);
    const title = node.title ?? own(definitions, node.type)?.title ?? node.type;
    return [{ path, title, node, graph }, ...(node.inner ? nodesOf(node.inner, path, definitions) : [])];
  });
}

/** A parameter of the definition, or one that an inner graph promotes; a node of unknown type has what its file says. */
function portNamed(node: GraphNode, name: string, definitions: Definitions): PortShape | undefined {
  const ports = portsOf(node, definitions);
  if (ports) {
    const port = own(ports.inputs, name);
    return port?.parameter && port;
  }
  const kinds = { number: "number", string: "text", boolean: "boolean" } as const;
  const kind = own(kinds as Record<string, string>, typeof own(node.properties, name));
  return kind === undefined ? undefined : { kind, optional: false };
}

function read(value: string | number | boolean, kind: string): string | number | boolean | undefined {
  if (kind === "text") return String(value);
  if (typeof value !== "string") return typeof value === kind ? value : undefined;
  const word = value.trim().toLowerCase();
  if (kind === "boolean") {
    if (["true", "yes", "t", "y", "1"].includes(word)) return true;
    return ["false", "no", "f", "n", "0"].includes(word) ? false : undefined;
  }
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/.test(word) ? Number(word) : undefined;
}

function withNode(graph: Graph, [id, ...inner]: readonly number[], change: (node: GraphNode) => GraphNode): Graph {
  const nodes = graph.nodes.map((node) => {
    if (node.id !== id) return node;
    return inner.length > 0 && node.inner ? { ...node, inner: withNode(node.inner, inner, change) } : change(node);
  });
  return { ...graph, nodes };
}

/** The names that a mistyped one may have meant; all of them when none is like it and they are few. */
function offer(name: string, names: readonly string[]): string {
  const quoted = (some: readonly string[]) => some.map((one) => `"${one}"`);
  const close = near(name, names);
  if (close.length > 0) return `: did you mean ${quoted(close).join(" or ")}?`;
  const all = [...new Set(names)];
  return all.length > 0 && all.length <= 12 ? `: there are ${quoted(all).join(", ")}` : "";
}
