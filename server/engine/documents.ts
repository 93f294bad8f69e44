/** What an engine does with a document: checks it, plans it, runs it. */
import type { Observable } from "rxjs";
import { type Plan, plan, type RunEvent, type RunOptions, run } from "../../executor/index.ts";
import { type GraphDocument, withPins, writeDocument } from "../../graphs/document/index.ts";
import type { Preview } from "../../nodes/index.ts";
import { runOutputs, type Save, withKnown } from "../../runtime/index.ts";
import type { Engine } from "./engine.ts";

/** What is run, and the document of it that its outputs carry. */
export interface PlannedDocument {
  readonly document: GraphDocument;
  readonly plan: Plan;
}

/** Throws everything that is wrong with it. `targets`: what is wanted of it, if not all. */
export const checkDocument = (
  { networks, images, registry }: Engine,
  document: GraphDocument,
  targets?: readonly string[],
): Promise<Plan> => withKnown(networks, images, (known) => plan(document, registry, known, targets));

/** Plans a document as it will be remembered: its models held to the files they are now. */
export async function planDocument(
  engine: Engine,
  given: GraphDocument,
  targets?: readonly string[],
): Promise<PlannedDocument> {
  const document = await withPins(given, engine.registry, (file) => engine.networks.sha256(file));
  return { document, plan: await checkDocument(engine, document, targets) };
}

/** Runs when subscribed to; unsubscribing ends it between two nodes. `save` is given its files. */
export function runDocument(
  { models, images }: Engine,
  { document, plan }: PlannedDocument,
  save: Save,
  options: RunOptions,
): Observable<RunEvent | Preview> {
  const outputs = runOutputs(save, JSON.stringify(writeDocument(document)));
  return run(plan, { models, images, outputs }, options);
}
