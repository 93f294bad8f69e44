/**
 * A graph as the rest of the program sees it: links by the names of the slots they join, never by index, and nothing
 * that was not checked. `readDocument` makes it from litegraph's serialised form, `writeDocument` turns it back.
 */

import type { Kept } from "./kept.ts";

/** The whole file: the outermost graph. */
export type GraphDocument = Graph;

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly links: readonly GraphLink[];
  readonly groups: readonly GraphGroup[];
  readonly about: About;
  /** The file it came from lists its links as objects, as newer litegraphs do, and so does what is written. */
  readonly linkObjects?: true;
  readonly kept?: Kept;
}

/** A graph in which nothing stands yet. */
export const emptyGraph: Graph = { nodes: [], links: [], groups: [], about: { versions: {} } };

/** What `extra.guidegraph` holds. */
export interface About {
  /** Which document this is, whatever it is called: a run's graph and a renamed file belong to the tab that has it. */
  readonly id?: string;
  readonly title?: string;
  readonly description?: string;
  /** Node type → the version of its definition that the file was written for. */
  readonly versions: Readonly<Record<string, number>>;
  /** The library entry that an inner graph came from; `hash` is `contentHash` of that entry. */
  readonly library?: { readonly name: string; readonly version: number; readonly hash: string };
}

export interface GraphNode {
  /** Unique in its graph; paths are made of these: "7/3" is node 3 inside node 7. */
  readonly id: number;
  readonly type: string;
  /** Absent: the title of its definition. */
  readonly title?: string;
  /** Named in `modes`. */
  readonly mode: 0 | 1 | 2 | 3 | 4;
  /** Parameters by name; of a node that is not known here, whatever plain data it had. */
  readonly properties: Readonly<Record<string, unknown>>;
  readonly inputs: readonly Slot[];
  readonly outputs: readonly Slot[];
  /** The graph inside a subgraph or a loop. */
  readonly inner?: Graph;
  readonly pos: readonly [number, number];
  readonly size: readonly [number, number];
  readonly look: Look;
  readonly kept?: Kept;
}

export interface Slot {
  readonly name: string;
  /** The kind; litegraph also knows 0 (anything) and −1 (an event). */
  readonly type: string | number;
  readonly label?: string;
  readonly kept?: Kept;
}

export interface Look {
  readonly collapsed?: boolean;
  readonly pinned?: boolean;
  readonly color?: string;
  readonly bgcolor?: string;
  readonly boxcolor?: string;
  readonly shape?: number;
}

export interface GraphLink {
  readonly id: number;
  readonly from: number;
  readonly output: string;
  readonly to: number;
  readonly input: string;
  readonly kept?: Kept;
}

export interface GraphGroup {
  readonly title: string;
  /** x, y, width, height in canvas pixels. */
  readonly bounding: readonly [number, number, number, number];
  readonly color?: string;
  readonly fontSize?: number;
  readonly kept?: Kept;
}

/** One thing that is wrong with a document. `path` is the node, `port` the slot or parameter, where they are known. */
export interface Problem {
  readonly message: string;
  readonly path?: string;
  readonly port?: string;
}

/** A document that cannot be read, or a parameter that cannot be set: every problem found, at most 50. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
  readonly errors: readonly Problem[];
  constructor(errors: readonly Problem[]) {
    const brief = errors.map(({ message, path, port }) => ({
      message: oneLine(message),
      ...(path !== undefined && { path }),
      ...(port !== undefined && { port: oneLine(port, 100) }),
    }));
    super(brief.map(describe).join("\n"));
    this.errors = brief;
  }
}

const describe = ({ path, port, message }: Problem): string =>
  `${path === undefined ? "" : `node ${path}${port === undefined ? "" : `, ${port}`}: `}${message}`;

/** What a terminal obeys, and what turns the direction of what follows, so that a reader believes it. */
const misleading = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]+/gu;

/** Whether a name could be shown as what it is not. */
export const isMisleading = (text: string): boolean => text.search(misleading) >= 0;

/** Text with none of that but the characters in `kept`, such as the end of a line; each of the others is a "?". */
export const unmasked = (text: string, kept = ""): string =>
  text.replace(misleading, (run) => [...run].map((one) => (kept.includes(one) ? one : "?")).join(""));

/**
 * Text from a file, fit for a message: on one line and not long, without control characters (a terminal obeys them) and those
 * that turn the direction of what follows (a reader believes it).
 */
export function oneLine(text: string, length = 500): string {
  const line = text.slice(0, 2 * length).replace(misleading, " ");
  return line.length > length ? `${line.slice(0, length)}…` : line;
}

/** The value under a key of untrusted data: never one that every object inherits, such as `constructor`. */
export const own = <V>(object: Readonly<Record<string, V>> | undefined, key: string): V | undefined =>
  object !== undefined && Object.hasOwn(object, key) ? object[key] : undefined;

/** The path of a node inside the graph at `outer` ("" for the outermost). */
export const pathOf = (outer: string, id: number): string => (outer === "" ? `${id}` : `${outer}/${id}`);
