import { Offers } from "./offers.ts";
import { allAtOnce, type Pieces } from "./pieces.ts";
import { withProperty } from "./pins.ts";
import { type Definitions, isSettable, nowCalled, type PortShape, portsOf } from "./ports.ts";
import { nodeAt, Titles } from "./titles.ts";
import { DocumentError, type Graph, type GraphDocument, type GraphNode, oneLine, own } from "./types.ts";

type Value = string | number | boolean;

/** Of so many settings that cannot be made is told; who has more learns nothing from them. */
const maxTold = 50;
/** Of so many unknown names it is looked what they may have meant: that is what takes time. */
const maxOffers = 5;
/** So many nodes of one title are looked through for the one that can be set; a subgraph and its loop are two. */
const maxAlike = 50;
const maxListed = 12;
/** So much of a value that does not fit is told. */
const shownLetters = 100;

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
  return allAtOnce(setInPieces(document, settings, definitions));
}

/** The same, in pieces: a setting each. */
export function* setInPieces(
  document: GraphDocument,
  settings: Iterable<readonly [name: string, value: Value]>,
  definitions: Definitions,
): Pieces<GraphDocument> {
  const titles = new Titles(document, definitions);
  const offers = new Offers(document, titles, definitions);
  const errors: DocumentError["errors"][number][] = [];
  let result = document;
  for (const [name, value] of settings) {
    yield;
    try {
      result = setOne(result, titles, name, value, definitions, errors.length < maxOffers ? offers : undefined);
    } catch (error) {
      if (!(error instanceof DocumentError)) throw error;
      errors.push(...error.errors);
      if (errors.length >= maxTold) break;
    }
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
  offers: Offers | undefined,
): GraphDocument {
  const dot = name.lastIndexOf(".");
  const refusal = (why: string, path?: string) =>
    new DocumentError([{ message: `Cannot set "${name}": ${why}`, ...(path && { path, port: name.slice(dot + 1) }) }]);
  if (dot < 1) {
    const whole = offers?.nodes(name.slice(dot + 1)) ?? "";
    throw refusal(`it names no node: write "Node title.parameter=value"${whole}`);
  }
  const [title, parameter] = [name.slice(0, dot), name.slice(dot + 1)];
  const titled = titles.called(title);
  if (titled.length === 0) throw refusal(`no node has the title "${title}"${offers?.title(title, parameter) ?? ""}`);
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
  if (!port) throw refusal(`${title} has no parameter "${parameter}"${offers?.parameter(node, parameter) ?? ""}`, path);
  const today = nameIn(node, parameter, definitions);
  if (wired.has(today)) throw refusal("a wire supplies it", path);
  const typed = read(value, port.kind);
  if (typed === undefined) throw refusal(`${oneLine(JSON.stringify(value), shownLetters)} is not a ${port.kind}`, path);
  const change = (node: GraphNode) => withProperty(node, today, typed, definitions);
  return withNode(document, path.split("/").map(Number), change);
}

/** A name of an earlier version is what it has become, so that old command lines go on. */
function nameIn(node: GraphNode, name: string, definitions: Definitions): string {
  const definition = own(definitions, node.type);
  return definition ? nowCalled(name, definition) : name;
}

/** A parameter of the definition, or an input of an inner graph; a node of unknown type has what its file says. */
function portNamed(node: GraphNode, name: string, definitions: Definitions): PortShape | undefined {
  const ports = portsOf(node, definitions);
  if (ports) {
    const port = own(ports.inputs, nameIn(node, name, definitions));
    return port && isSettable(node, port) ? port : undefined;
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
