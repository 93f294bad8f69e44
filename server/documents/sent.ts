/** Documents as clients send them: what is wrong with one is said to its sender. */
import { DocumentError, type GraphDocument } from "../../graphs/document/index.ts";
import type { Problem } from "../protocol.ts";
import { Refusal } from "../refusal.ts";
import { readInTurns } from "./in-turns.ts";

/** In turns with all else. Rejects with a Refusal with every problem found. */
export async function readSent(graph: unknown): Promise<GraphDocument> {
  try {
    return await readInTurns(graph);
  } catch (error) {
    throw new Refusal("malformed", problemsIn(error));
  }
}

/** Throws what is no DocumentError. */
export function problemsIn(error: unknown): readonly Problem[] {
  if (!(error instanceof DocumentError)) throw error;
  return error.errors.map(({ path, ...rest }) => ({ ...rest, ...(path !== undefined && { node: path }) }));
}
