/** `open(graph, file)`: a file that nobody vouches for, read by graphs/document before litegraph sees anything of it. */
import { upgrade } from "../../executor/upgrade.ts";
import {
  DocumentError,
  type Graph,
  type GraphDocument,
  type GraphNode,
  isBorder,
  noGraphInPicture,
  openDocument,
  type Problem,
  pathOf,
  understood,
  writeDocument,
} from "../../graphs/document/index.ts";
import { nodes as registry } from "../../nodes/registry.ts";
import { graphKeyword, keywordsOf, readText } from "../../runtime/codecs/png-text.ts";
import type { GraphOfPage, HostGraph, LiteGraphHost } from "./host.ts";
import { registeredHost } from "./register.ts";

/** Text or parsed JSON of a graph, or a PNG that carries one. */
export type Source = string | object | Uint8Array | ArrayBuffer | Blob;

/**
 * Opens a file in the host's graph, in place of what is there, and returns the document. `LGraph.configure` copies
 * whatever keys a file has onto nodes and graphs; here only what passes the schema gets there, links are found by the
 * names of slots, nodes of older versions are brought forward. Throws a DocumentError with everything that is wrong.
 */
export async function open(graph: GraphOfPage, source: Source): Promise<GraphDocument> {
  const { document: read } = openDocument(await jsonIn(source));
  const document = upgrade(understood(read), registry);
  const problems = foreign(document, "", registeredHost());
  if (problems.length > 0) throw new DocumentError(problems);
  graph.configure(writeDocument(document));
  (graph as HostGraph).setDirtyCanvas(true, true);
  return document;
}

async function jsonIn(source: Source): Promise<unknown> {
  if (source instanceof Blob) return textIn(new Uint8Array(await source.arrayBuffer()));
  if (source instanceof ArrayBuffer) return textIn(new Uint8Array(source));
  return source instanceof Uint8Array ? textIn(source) : source;
}

/** The graph in a file's bytes: a PNG's text chunk, or the text itself. */
function textIn(bytes: Uint8Array): string {
  if (bytes[0] !== 0x89) return new TextDecoder().decode(bytes);
  const refusal = (why: string) => new DocumentError([{ message: `Cannot open the picture: ${why}` }]);
  try {
    const text = readText(bytes, graphKeyword);
    if (text !== undefined) return text;
  } catch (error) {
    throw refusal((error as Error).message);
  }
  throw refusal(noGraphInPicture(keywordsOf(bytes)));
}

/**
 * What a graph may not bring into a host. A host has other nodes than ours, and some of them fetch or compute what their
 * properties say; litegraph's menus take types and names as HTML.
 */
function foreign({ nodes }: Graph, outer: string, host: LiteGraphHost): Problem[] {
  return nodes.flatMap((node): Problem[] => {
    const path = pathOf(outer, node.id);
    const inner = node.inner ? foreign(node.inner, path, host) : [];
    const ours = node.type.startsWith("guidegraph/");
    const types = host.registered_node_types;
    if (!ours && node.type in types)
      return [{ path, message: `Cannot open "${node.type}": it is no node of GuideGraph, though this page has it` }];
    const marked = wordsOf(node).find((word) => /[<>&]/.test(word));
    if (marked !== undefined)
      return [{ path, message: `Cannot open the graph: a name has < > or &, which would be HTML here: ${marked}` }];
    return inner;
  });
}

function wordsOf({ type, properties, inputs, outputs }: GraphNode): string[] {
  return [
    type,
    ...[...inputs, ...outputs].flatMap(({ name, type, label = "" }) => [name, String(type), label]),
    ...Object.keys(properties),
    ...(isBorder({ type }) ? [String(properties.name), String(properties.kind)] : []),
  ];
}
