import { type Definitions, type PortShape, portsOf } from "./ports.ts";
import { DocumentError, type Graph, type GraphDocument, type GraphNode, own, pathOf } from "./types.ts";

/**
 * The document with one parameter set. `name` is "Node title.parameter" or "7/3.parameter"; what follows the last dot
 * is the parameter, so a title may hold dots. A text is read as the parameter's kind asks: "12" as a number, "yes" as a
 * boolean. Ranges are the planner's business.
 *
 * Throws a DocumentError when node or parameter are unknown (naming those that are like it), when several nodes have
 * the title (listing their paths), and when a wire supplies the parameter.
 */
export function setParameter(
  document: GraphDocument,
  name: string,
  value: string | number | boolean,
  definitions: Definitions,
): GraphDocument {
  const dot = name.lastIndexOf(".");
  if (dot < 1) throw refusal(`Cannot set "${name}": write "Node title.parameter=value"`);
  const [title, parameter] = [name.slice(0, dot), name.slice(dot + 1)];
  const nodes = nodesOf(document, "", definitions);
  const found = nodes.filter((node) => node.title === title || node.path === title);
  if (found.length === 0)
    throw refusal(
      `Cannot set "${name}": no node has the title "${title}"${like(
        title,
        nodes.map(({ title }) => title),
      )}`,
    );
  if (found.length > 1) {
    const paths = found.map(({ path }) => `${path}.${parameter}`).join(", ");
    throw refusal(`Cannot set "${name}": ${found.length} nodes have the title "${title}"; write one of ${paths}`);
  }
  const [{ path, node, graph }] = found;
  const port = portNamed(node, parameter, definitions);
  if (!port) {
    const names = Object.entries(portsOf(node, definitions)?.inputs ?? {}).flatMap(([name, { parameter }]) =>
      parameter ? name : [],
    );
    throw refusal(
      `Cannot set "${name}": ${title} has no parameter "${parameter}"${like(parameter, names)}`,
      path,
      parameter,
    );
  }
  if (graph.links.some(({ to, input }) => to === node.id && input === parameter))
    throw refusal(`Cannot set "${name}": a wire supplies it`, path, parameter);
  const typed = read(value, port.kind);
  if (typed === undefined)
    throw refusal(`Cannot set "${name}": ${JSON.stringify(value)} is not a ${port.kind}`, path, parameter);
  return withProperty(document, path.split("/").map(Number), parameter, typed);
}

const refusal = (message: string, path?: string, port?: string): DocumentError =>
  new DocumentError([{ message, ...(path !== undefined && { path }), ...(port !== undefined && { port }) }]);

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

function withProperty(graph: Graph, [id, ...inner]: readonly number[], name: string, value: unknown): Graph {
  const nodes = graph.nodes.map((node) => {
    if (node.id !== id) return node;
    if (inner.length > 0 && node.inner) return { ...node, inner: withProperty(node.inner, inner, name, value) };
    return { ...node, properties: { ...node.properties, [name]: value } };
  });
  return { ...graph, nodes };
}

/** The names that a mistyped one may have meant; all of them when they are few. */
function like(name: string, names: readonly string[]): string {
  const all = [...new Set(names)];
  const near = all.filter((other) => distance(word(name), word(other)) <= Math.max(2, name.length / 3));
  const shown = near.length > 0 ? near.slice(0, 5) : all.length <= 12 ? all : [];
  if (shown.length === 0) return "";
  return near.length > 0
    ? `: did you mean ${shown.map((one) => `"${one}"`).join(" or ")}?`
    : `: there are ${shown.map((one) => `"${one}"`).join(", ")}`;
}

/** Levenshtein 1966: the least number of letters to insert, delete or replace. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length];
}

/** Titles may be 64 KiB long; nobody mistypes one that far in. */
const word = (name: string): string => name.slice(0, 80).toLowerCase();
