/** What an engine does with a document: checks it, plans it, runs it. */
import type { Observable } from "rxjs";
import { type Plan, plan, type RunEvent, type RunOptions, run } from "../../executor/index.ts";
import { type GraphDocument, withPins, writeDocument } from "../../graphs/document/index.ts";
import type { Preview } from "../../nodes/index.ts";
import { heldTo, runOutputs, type Save, type Told, withTold } from "../../runtime/index.ts";
import type { Engine } from "./engine.ts";

/** What is run, and the document of it that its outputs carry. */
export interface PlannedDocument {
  readonly document: GraphDocument;
  readonly plan: Plan;
  /** What the plan was told of files. */
  readonly told: Told;
}

/** Throws everything that is wrong with it. `targets`: what is wanted of it, if not all. */
export const checkDocument = async (
  engine: Engine,
  document: GraphDocument,
  targets?: readonly string[],
): Promise<Plan> => (await planned(engine, document, targets)).value;

const planned = ({ networks, images, registry }: Engine, document: GraphDocument, targets?: readonly string[]) =>
  withTold(networks, images, (known) => plan(document, registry, known, targets));

/** Plans a document as it will be remembered: its models held to the files they are now. */
export async function planDocument(
  engine: Engine,
  given: GraphDocument,
  targets?: readonly string[],
): Promise<PlannedDocument> {
  const document = await withPins(given, engine.registry, (file) => engine.networks.sha256(file));
  const { value, told } = await planned(engine, document, targets);
  return { document, plan: value, told };
}

/** Runs when subscribed to; unsubscribing ends it between two nodes. `save` is given its files. */
export function runDocument(
  { models, images }: Engine,
  { document, plan, told }: PlannedDocument,
  save: Save,
  options: RunOptions,
): Observable<RunEvent | Preview> {
  const outputs = runOutputs(save, JSON.stringify(writeDocument(document)));
  return run(plan, { ...heldTo(told, { models, images }), outputs }, options);
}
