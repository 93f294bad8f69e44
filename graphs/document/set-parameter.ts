import { meant } from "./near.ts";
import { withProperty } from "./pins.ts";
import { type Definitions, nowCalled, type PortShape, portsOf } from "./ports.ts";
import { type Found, nodeAt, Titles } from "./titles.ts";
import { DocumentError, type Graph, type GraphDocument, type GraphNode, own } from "./types.ts";

type Value = string | number | boolean;

/** Of so many settings that cannot be made is told; who has more learns nothing from them. */
const maxTold = 50;
/** Of so many unknown names it is looked what they may have meant: that is what takes time. */
const maxOffers = 5;
/** So many nodes of one title are looked through for the one that can be set; a subgraph and its loop are two. */
const maxAlike = 50;
const maxListed = 12;
/** Nodes of so large a graph are looked through for a parameter, and so many ways to set it are offered. */
const [maxSearched, maxOffered] = [500, 4];

/**
 * The document with one parameter set. `name` is "Node title.parameter" or "7/3.parameter"; what follows the last dot
 * is the parameter, so a title may hold dots. A text is read as the parameter's kind asks: "12" as a number, "yes" as a
 * boolean. Ranges are the planner's business.
 *
 * Throws a DocumentError when node or parameter are unknown (naming those that are like it), when several nodes have
 * the title and this parameter (listing their paths), and when a wire supplies it.
 */
export const setParameter = (
  document: GraphDocument,
  name: string,
  value: Value,
  definitions: Definitions,
): GraphDocument => setParameters(document, [[name, value]], definitions);

/** One after the other. Throws a DocumentError with what is wrong with each that cannot be set. */
export function setParameters(
  document: GraphDocument,
  settings: Iterable<readonly [name: string, value: Value]>,
  definitions: Definitions,
): GraphDocument {
  const titles = new Titles(document, definitions);
  const errors: DocumentError["errors"][number][] = [];
  let result = document;
  for (const [name, value] of settings)
    try {
      result = setOne(result, titles, name, value, definitions, errors.length < maxOffers);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      errors.push(...error.errors);
      if (errors.length >= maxTold) break;
    }
  if (errors.length > 0) throw new DocumentError(errors);
  return result;
}

function setOne(
  document: GraphDocument,
  titles: Titles,
  name: string,
  value: Value,
  definitions: Definitions,
  offers: boolean,
): GraphDocument {
  const dot = name.lastIndexOf(".");
  const refusal = (why: string, path?: string) =>
    new DocumentError([{ message: `Cannot set "${name}": ${why}`, ...(path && { path, port: name.slice(dot + 1) }) }]);
  if (dot < 1) {
    const whole = offers ? offerNodes(document, titles, name.slice(dot + 1), definitions) : "";
    throw refusal(`it names no node: write "Node title.parameter=value"${whole}`);
  }
  const [title, parameter] = [name.slice(0, dot), name.slice(dot + 1)];
  const titled = titles.called(title);
  if (titled.length === 0)
    throw refusal(
      `no node has the title "${title}"${offers ? offerTitle(document, titles, { title, parameter }, definitions) : ""}`,
    );
  // A subgraph and the loop in it may share a title; where only one of them can be set, that one is meant.
  const settable = titled.slice(0, maxAlike).filter(({ path, wired }) => {
    const node = nodeAt(document, path);
    return !wired.has(nameIn(node, parameter, definitions)) && portNamed(node, parameter, definitions);
  });
  if (titled.length > 1 && (settable.length !== 1 || titled.length > maxAlike)) {
    const paths = (settable.length > 0 ? settable : titled).map(({ path }) => `${path}.${parameter}`);
    const more = paths.length > maxListed ? ", …" : "";
    throw refusal(
      `${paths.length} nodes have the title "${title}"; write one of ${paths.slice(0, maxListed).join(", ")}${more}`,
    );
  }
  const [{ path, wired }] = settable.length === 1 ? settable : titled;
  const node = nodeAt(document, path);
  const port = portNamed(node, parameter, definitions);
  if (!port) {
    const near = offers ? offer(parameter, parametersOf(node, definitions)) : "";
    const others = offers ? settableIn(document, titles, definitions).filter((one) => one.parameter === parameter) : [];
    const offered = others.length > 0 ? offerNodes(document, titles, parameter, definitions) : near;
    throw refusal(`${title} has no parameter "${parameter}"${offered}`, path);
  }
  const today = nameIn(node, parameter, definitions);
  if (wired.has(today)) throw refusal("a wire supplies it", path);
  const typed = read(value, port.kind);
  if (typed === undefined) throw refusal(`${JSON.stringify(value)} is not a ${port.kind}`, path);
  const change = (node: GraphNode) => withProperty(node, today, typed, definitions);
  return withNode(document, path.split("/").map(Number), change);
}

/** A name of an earlier version is what it has become, so that old command lines go on. */
function nameIn(node: GraphNode, name: string, definitions: Definitions): string {
  const definition = own(definitions, node.type);
  return definition ? nowCalled(name, definition) : name;
}

const parametersOf = (node: GraphNode, definitions: Definitions): string[] =>
  Object.entries(portsOf(node, definitions)?.inputs ?? {}).flatMap(([name, { parameter }]) => (parameter ? name : []));

/** A parameter of the definition, or one that an inner graph promotes; a node of unknown type has what its file says. */
function portNamed(node: GraphNode, name: string, definitions: Definitions): PortShape | undefined {
  const ports = portsOf(node, definitions);
  if (ports) {
    const port = own(ports.inputs, nameIn(node, name, definitions));
    return port?.parameter && port;
  }
  const kinds = { number: "number", string: "text", boolean: "boolean" } as const;
  const kind = own(kinds as Record<string, string>, typeof own(node.properties, name));
  return kind === undefined ? undefined : { kind, optional: false };
}

function read(value: Value, kind: string): Value | undefined {
  if (kind === "text") return String(value);
  if (typeof value !== "string") return kind.split(",").includes(typeof value) ? value : undefined;
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
  const close = meant(name, names);
  if (close.length > 0) return `: did you mean ${quoted(close).join(" or ")}?`;
  const all = [...new Set(names)];
  return all.length > 0 && all.length <= maxListed ? `: there are ${quoted(all).join(", ")}` : "";
}

/** Titles that a mistyped one may have meant, first of nodes that have the parameter; where none is like it, those nodes. */
function offerTitle(
  document: GraphDocument,
  titles: Titles,
  { title, parameter }: { readonly title: string; readonly parameter: string },
  definitions: Definitions,
): string {
  const fitting = settableIn(document, titles, definitions).filter((one) => one.parameter === parameter);
  const close = meant(
    title,
    fitting.map((one) => one.title),
  );
  if (close.length > 0) return offer(title, close);
  return fitting.length > 0 ? offerNodes(document, titles, parameter, definitions) : offer(title, titles.all);
}

/** Parameters of that name, or near to it, with the nodes that have them: what may be set where no node was named, or a wrong one. */
function offerNodes(document: GraphDocument, titles: Titles, name: string, definitions: Definitions): string {
  const settable = settableIn(document, titles, definitions);
  const names = settable.map(({ parameter }) => parameter);
  const wanted = names.includes(name) ? [name] : meant(name, names);
  const found = wanted.flatMap((one) => settable.filter(({ parameter }) => parameter === one));
  const whole = found.map(({ path, title, parameter }) => {
    const isOne = found.filter((other) => other.title === title && other.parameter === parameter).length === 1;
    return `"${isOne ? title : path}.${parameter}"`;
  });
  return whole.length > 0 ? `; did you mean ${whole.slice(0, maxOffered).join(" or ")}?` : "";
}

interface Settable extends Pick<Found, "path" | "title"> {
  readonly parameter: string;
}

/** What no wire supplies. */
const settableIn = (document: GraphDocument, { nodes }: Titles, definitions: Definitions): readonly Settable[] =>
  nodes.slice(0, maxSearched).flatMap(({ path, title, wired }) =>
    parametersOf(nodeAt(document, path), definitions)
      .filter((parameter) => !wired.has(parameter))
      .map((parameter) => ({ path, title, parameter })),
  );
