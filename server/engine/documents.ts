/** What an engine does with a document: checks it, plans it, runs it. */
import { concat, concatMap, defer, EMPTY, from, map, Observable, of } from "rxjs";
import {
  type Amount,
  amountOf,
  type Cache,
  checkAmount,
  type Plan,
  plan,
  type RunEvent,
  type RunOptions,
  run,
  weighDrawn,
} from "../../executor/index.ts";
import { type GraphDocument, withPins, writeDocument } from "../../graphs/document/index.ts";
import type { Preview } from "../../nodes/index.ts";
import {
  type ComputedIn,
  heldTo,
  modelsOf,
  type Network,
  type Provider,
  type RunOutputs,
  runOutputs,
  type SampleRange,
  type Store,
  type Told,
  withTold,
} from "../../runtime/index.ts";
import type { SavedFile } from "../files/journal-lines.ts";
import { sizeText } from "../units.ts";
import { capsOf } from "./caps.ts";
import type { Engine } from "./engine.ts";
import { conclusions, samplesEach } from "./samples.ts";

/** What is run, and the document of it that its outputs carry. */
export interface PlannedDocument {
  readonly document: GraphDocument;
  readonly plan: Plan;
  /** What the plan was told of files. */
  readonly told: Told;
  /** The networks that it asked of, as they were then: a run does not look for them again. */
  readonly networks: readonly Network[];
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
  /** What its Differentiates take is a card's memory. */
  readonly isOnCard?: boolean;
}

/** Throws everything that is wrong with it, that it is more than there is memory or room for too. */
export async function checkDocument(
  engine: Engine,
  document: GraphDocument,
  options: PlanOptions = {},
): Promise<CheckedDocument & Pick<PlannedDocument, "told">> {
  const { registry, models, runBytes } = engine;
  const { targets, batches = 1, folder } = options;
  const { value, told } = await withTold(engine, (known) => plan(document, registry, known, targets));
  const count = typeof batches === "number" ? batches : batches(value);
  const caps = capsOf(runBytes, folder);
  const values = amountOf(value, count);
  checkAmount(values, caps, sizeText);
  const drawn = await weighDrawn(value, models);
  if (drawn.size === 0) return { plan: value, amount: values, told };
  const { isShared, ...card } = await engine.gradientMemory();
  const amount = amountOf(value, count, drawn, !isShared);
  checkAmount(amount, { ...caps, ...card }, sizeText);
  return { plan: value, amount, told, isOnCard: !isShared };
}

/** Plans a document as it will be remembered: its models held to the files they are now. */
export async function planDocument(
  engine: Engine,
  given: GraphDocument,
  options: PlanOptions = {},
): Promise<PlannedDocument> {
  const document = await withPins(given, engine.registry, (file) => engine.networks.sha256(file));
  const checked = await checkDocument(engine, document, options);
  const networks = checked.told.networks.map(({ role, file }) => engine.networks.network(role, file));
  return { document, ...checked, networks: await Promise.all(networks) };
}

/** Which batch comes next, from 0; "end" when all are done, so that the files of all are to be made; undefined: others go on. */
export type NextBatch = () => Promise<number | "end" | undefined>;

export interface RunDocumentOptions extends Omit<RunOptions, "next"> {
  readonly range?: SampleRange | undefined;
  /** Absent: all of them, in order. */
  readonly next?: NextBatch;
  /** Of several batches, called behind each, and waited for before anybody hears that it is done. */
  readonly note?: (batch: number, saved: readonly SavedFile[]) => Promise<void>;
}

/** A batch of a run would not be of the precision of those that there are: it is not drawn here. */
export class OtherPrecision extends Error {
  override readonly name = "OtherPrecision";
  constructor(begun: ComputedIn, { name, noHalf }: Pick<Provider, "name" | "noHalf">) {
    super(
      `What is done of this run was computed in ${begun}, and ${name} cannot${noHalf === undefined ? "" : ` (${noHalf})`}. It goes on where something can, as every processor: give --backend cpu, or a server or worker with --devices cpu; or begin it anew with --precision float`,
    );
  }
}

/** Runs when subscribed to; unsubscribing ends it between two nodes. `files` keeps what it saves, of a `range` that alone. */
export function runDocument(
  { networks, images, tensors, provider }: Engine,
  { document, plan, told, networks: planned }: PlannedDocument,
  files: Store,
  { range, next: given, note, cache, ...options }: RunDocumentOptions,
): Observable<RunEvent | Preview> {
  const asked = given ?? inOrder(options.batches);
  const outputs = runOutputs(files, JSON.stringify(writeDocument(document)), {
    range,
    each: samplesEach(plan),
    conclude: conclusions(plan),
    computedIn: async () => files.computedIn(await networks.computedIn(planned)),
  });
  let begun: ComputedIn | undefined;
  /** Whoever draws the first batch decides for all, who follow where they can; what makes the files of all draws none. */
  const begin = async () => {
    begun = await files.computedIn(await networks.computedIn(planned));
    if ((await networks.computedIn(planned, begun)) !== begun) throw new OtherPrecision(begun, await provider());
  };
  return defer(() => {
    let saved: SavedFile[] = [];
    let isLast = false;
    let beginning: Promise<void> | undefined;
    /** A batch begins when the one before it is on the disk, however slow that is: a kill costs one, not two. */
    let noting: Promise<unknown> = Promise.resolve();
    const next = async () => {
      await noting;
      const index = await asked();
      if (typeof index === "number") {
        beginning ??= begin();
        await beginning;
        return index;
      }
      isLast = index === "end";
      return undefined;
    };
    const models = modelsOf(networks, () => begun);
    const together = networks.together.ofRun();
    const world = { ...heldTo(told, { models, images, tensors }), together, outputs: outputs.of };
    const known = cache && within(cache, () => begun);
    const batches$ = run(plan, world, { ...options, next, ...(known && { cache: known }) }).pipe(
      concatMap((event) => {
        if (event.type === "output") {
          const { type: _, ...file } = event;
          saved.push(file);
        }
        if (event.type !== "batch" || !note) return of(event);
        const noted = note(event.index, saved);
        // What it fails with is told where it is waited for below.
        noting = noted.catch(() => {});
        saved = [];
        return from(noted).pipe(map(() => event));
      }),
    );
    return concat(
      batches$,
      defer(() => (isLast ? finished(outputs) : EMPTY)),
    );
  });
}

/** What was computed in another precision is another value. */
const within = (cache: Cache, begun: () => ComputedIn | undefined): Cache => ({
  get: (key) => cache.get(`${begun()} ${key}`),
  set: (key, values) => cache.set(`${begun()} ${key}`, values),
});

const finished = (outputs: RunOutputs): Observable<RunEvent | Preview> =>
  new Observable((subscriber) => {
    outputs
      .finish((event) => subscriber.next(event))
      .then(
        () => subscriber.complete(),
        (error) => subscriber.error(error),
      );
  });

/** The batches from the first on that are not done yet. */
export function inOrder(
  batches = 1,
  {
    first = 0,
    done = new Set<number>(),
  }: { readonly first?: number; readonly done?: ReadonlySet<number> | undefined } = {},
): NextBatch {
  let index = first;
  return async () => {
    while (done.has(index)) index++;
    return index < batches ? index++ : "end";
  };
}
