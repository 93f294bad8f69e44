/** What an engine does with a document: checks it, plans it, runs it. */
import { concat, concatMap, defer, from, map, type Observable, of } from "rxjs";
import {
  type Amount,
  amountOf,
  checkAmount,
  type Plan,
  plan,
  type RunEvent,
  type RunOptions,
  run,
} from "../../executor/index.ts";
import { type GraphDocument, withPins, writeDocument } from "../../graphs/document/index.ts";
import type { OutputEvent, Preview } from "../../nodes/index.ts";
import { heldTo, runOutputs, type SampleRange, type Store, type Told, withTold } from "../../runtime/index.ts";
import type { SavedFile } from "../files/journal.ts";
import { sizeText } from "../units.ts";
import { capsOf } from "./caps.ts";
import type { Engine } from "./engine.ts";

/** What is run, and the document of it that its outputs carry. */
export interface PlannedDocument {
  readonly document: GraphDocument;
  readonly plan: Plan;
  /** What the plan was told of files. */
  readonly told: Told;
}

export interface PlanOptions {
  /** What is wanted of it, if not all. */
  readonly targets?: readonly string[] | undefined;
  /** How many there are, which may follow from the plan. */
  readonly batches?: number | ((plan: Plan) => number);
  /** Where it will save. */
  readonly folder?: string;
}

/** A plan, and what it asks for. */
export interface CheckedDocument {
  readonly plan: Plan;
  readonly amount: Amount;
}

/** Throws everything that is wrong with it, that it is more than there is memory or room for too. */
export async function checkDocument(
  engine: Engine,
  document: GraphDocument,
  options: PlanOptions = {},
): Promise<CheckedDocument & Pick<PlannedDocument, "told">> {
  const { registry, runBytes } = engine;
  const { targets, batches = 1, folder } = options;
  const { value, told } = await withTold(engine, (known) => plan(document, registry, known, targets));
  const amount = amountOf(value, typeof batches === "number" ? batches : batches(value));
  checkAmount(amount, await capsOf(runBytes, folder), sizeText);
  return { plan: value, amount, told };
}

/** Plans a document as it will be remembered: its models held to the files they are now. */
export async function planDocument(
  engine: Engine,
  given: GraphDocument,
  options: PlanOptions = {},
): Promise<PlannedDocument> {
  const document = await withPins(given, engine.registry, (file) => engine.networks.sha256(file));
  return { document, ...(await checkDocument(engine, document, options)) };
}

/** A store that may be told of each batch, counted from 0, when all that it saved is kept. */
export interface RunFiles extends Store {
  /** What earlier batches have saved, by a process that may have ended before it told. */
  readonly saved?: readonly SavedFile[];
  note?(batch: number, saved: readonly SavedFile[]): Promise<void>;
}

/**
 * Runs when subscribed to; unsubscribing ends it between two nodes. `files` keeps what it saves, of a `range` that alone. What
 * is there of earlier batches is told first.
 */
export function runDocument(
  { models, images, tensors }: Engine,
  { document, plan, told }: PlannedDocument,
  files: RunFiles,
  { range, ...options }: RunOptions & { readonly range?: SampleRange },
): Observable<RunEvent | Preview> {
  const outputs = runOutputs(files, JSON.stringify(writeDocument(document)), range);
  const earlier = (files.saved ?? []).map((file): OutputEvent => ({ type: "output", ...file }));
  return defer(() => {
    let saved: SavedFile[] = [];
    const now$ = run(plan, { ...heldTo(told, { models, images, tensors }), outputs }, options).pipe(
      concatMap((event) => {
        if (event.type === "output") {
          const { type: _, ...file } = event;
          saved.push(file);
        }
        if (event.type !== "batch" || !files.note) return of(event);
        const noted = files.note(event.index, saved);
        saved = [];
        return from(noted).pipe(map(() => event));
      }),
    );
    return concat(earlier, now$);
  });
}
