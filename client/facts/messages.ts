/** Between the editor and the worker in which documents are surveyed. Plain data. */
import type { GraphDocument } from "../../graphs/document/index.ts";
import type { NodeDescription } from "../../nodes/describe.ts";
import type { Problem } from "../../server/protocol.ts";
import type { Server } from "../runs/server.ts";

export type ToSurveyor =
  /** First: what the server has, and how it is asked. */
  | { readonly is: "open"; readonly nodes: readonly NodeDescription[]; readonly server: Server }
  | { readonly is: "survey"; readonly id: number; readonly document: GraphDocument }
  /** Files may have changed. */
  | { readonly is: "forget" };

/** What is known of a document before it runs. */
export interface Surveyed {
  /** Facts of what leaves an output, by its node's path and its name: "7/3 x". */
  readonly facts: ReadonlyMap<string, object>;
  readonly problems: readonly Problem[];
  /** What will run, and may not be meant. */
  readonly notes?: readonly Problem[];
  /** It took too long to look at, and was given up: nothing is known of it. */
  readonly hung?: true;
  /** The worker broke at it, or cannot be had at all: nothing is known of it. */
  readonly broke?: true;
}

export type FromSurveyor =
  | ({ readonly is: "surveyed"; readonly id: number } & Surveyed)
  /** It looks at something, and hears. */
  | { readonly is: "beat" };
