/** Documents as clients send them: what is wrong with one is said to its sender. */
import { DocumentError, type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import type { Problem } from "../protocol.ts";
import { Refusal } from "../refusal.ts";

/** Throws a Refusal with every problem found. */
export function readSent(graph: unknown): GraphDocument {
  try {
    return readDocument(graph);
  } catch (error) {
    throw new Refusal("malformed", problemsIn(error));
  }
}

/** Throws what is no DocumentError. */
export function problemsIn(error: unknown): readonly Problem[] {
  if (!(error instanceof DocumentError)) throw error;
  return error.errors.map(({ path, ...rest }) => ({ ...rest, ...(path !== undefined && { node: path }) }));
}
