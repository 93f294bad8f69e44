/** What another machine is told of a run, to draw batches of it that are the bytes drawn here. */
import { type GraphDocument, writeDocument } from "../../graphs/document/index.ts";
import type { Reply } from "../channel/questions.ts";
import { planDocument } from "../engine/documents.ts";
import type { Engine } from "../engine/engine.ts";
import { canSpread, identityOf, picturesPerBatch } from "../engine/samples.ts";
import { packageVersion } from "../files/package-root.ts";
import { orderedFiles } from "./ordered-files.ts";

export interface OrderOptions {
  readonly batches: number;
  readonly targets?: readonly string[];
  readonly folder: string;
}

/** Throws everything that is wrong with the document. */
export async function orderOf(
  engine: Engine,
  given: GraphDocument,
  { batches, ...options }: OrderOptions,
): Promise<Reply<"order">> {
  const { document, plan, told } = await planDocument(engine, given, { batches, ...options });
  const pictures = picturesPerBatch(plan);
  return {
    graph: JSON.stringify(writeDocument(document)),
    canSpread: canSpread(plan),
    ...(pictures !== undefined && { pictures }),
    identity: identityOf(plan, { batches, range: undefined, version: packageVersion(), precision: engine.precision }),
    files: await orderedFiles(engine, told.files),
  };
}
