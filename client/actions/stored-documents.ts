/** A document as the server has it now: under the name it had, or under another that somebody gave it. */
import { type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import { type Api, ApiError } from "../runs/api.ts";
import { hasBeen } from "../state/parting.ts";
import type { Notice } from "../state/state.ts";
import type { Stored } from "../state/stored.ts";
import type { Tab } from "../state/tab.ts";

export interface OnServer extends Stored {
  /** Undefined where a newer version wrote it, or an example hides it. */
  readonly document: GraphDocument | undefined;
}

/** What lies under a name: undefined where nothing does, "example" where that comes with the program. */
export async function readStored(api: Api, name: string): Promise<OnServer | "example" | undefined> {
  try {
    const { graph, etag } = await api.graph(name);
    return etag === undefined ? "example" : { name, etag, document: read(graph) };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** It is the document of this identity, as far as it says. A script may have written it without one. */
export const isOwn = (there: OnServer | "example" | undefined, key: string): there is OnServer =>
  typeof there === "object" && (there.document?.about.id ?? key) === key;

/** The document of this identity, by the name it had first; "another" where only another lies there. */
export async function findStored(api: Api, key: string, name: string): Promise<OnServer | "another" | undefined> {
  const there = await readStored(api, name);
  if (isOwn(there, key)) return there;
  const listed = (await api.graphs()).find((one) => one.id === key && !one.builtIn);
  const found = listed && (await readStored(api, listed.name));
  if (isOwn(found, key)) return found;
  // An example that an update brought has its name since: it is there still, and can be given another.
  if (listed && found === "example") return { name: listed.name, etag: listed.etag, document: undefined };
  return there && "another";
}

/** Where it came that was sent under a name that the tab has no more, with a reply that was lost. */
export async function cameTo(api: Api, tab: Tab): Promise<Stored | undefined> {
  const there = await findStored(api, tab.key, tab.name);
  return typeof there === "object" && there.document && hasBeen(tab, there.document) ? there : undefined;
}

export const renameNotice = (from: string, to: string): Notice => ({
  text: `“${from}” is called “${to}” now`,
  more: "It was renamed in another browser.",
});

function read(graph: unknown): GraphDocument | undefined {
  try {
    return readDocument(graph);
  } catch {
    return undefined;
  }
}
