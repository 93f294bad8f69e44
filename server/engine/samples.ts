/**
 * Which samples of a run are wanted, and in which batches they come. A sample is its number: batch k of n pictures has
 * those from k·n on, whoever draws it. Parts begin and end anywhere, but are drawn in the batches of the whole, so that a
 * network sees the same numbers side by side and the bytes are the same.
 */
import { createHash } from "node:crypto";
import { bodyOf, everyStep, type NodeStep, type Plan, type PlanStep } from "../../executor/index.ts";
import { type AnyNode, GraphError } from "../../nodes/index.ts";
import type { Precision, SampleRange } from "../../runtime/index.ts";

/** From batch `first` to before batch `batches`. */
export interface Batches {
  readonly first: number;
  readonly batches: number;
}

/** The batches that hold a range. Throws GraphErrors for a graph whose samples cannot be told apart by number. */
export function batchesOf(plan: Plan, { from, to }: SampleRange): Batches {
  const saving = plan.steps.filter(isSaving);
  const inLoop = inLoops(plan.steps).find(isSaving);
  if (inLoop)
    throw new GraphError("A range of samples cannot be cut where a loop saves at each step", undefined, inLoop.path);
  for (const step of everyStep(plan.steps))
    if (step.is === "node" && givenValue(step, "generator") === "torch")
      throw new GraphError(
        "torch draws one long sequence, of which a range has no beginning of its own; choose philox for ranges",
        "generator",
        step.path,
      );
  const sizes = new Set(saving.map((step) => step.saves?.rows));
  const [size] = sizes;
  if (size === undefined || sizes.size > 1)
    throw new GraphError(
      sizes.size > 1
        ? `A range of samples cannot be cut, since of a batch ${listed(saving)}: keep those of one number, as with ${fewer(saving)}`
        : "A range of samples cannot be cut: how many samples a batch has is not known before the run",
      undefined,
      saving[0]?.path,
    );
  for (const step of saving) {
    const limit = givenValue(step, "num_samples");
    if (typeof limit === "number" && limit > 0 && to > limit)
      throw new GraphError(
        `The range ends at ${to}, beyond the ${limit} samples of the file`,
        "num_samples",
        step.path,
      );
  }
  return { first: Math.floor(from / size), batches: Math.ceil(to / size) };
}

/** What to type, so that a sheet of a batch is not saved. */
function fewer(saving: readonly NodeStep[]): string {
  const most = Math.max(...saving.map(({ saves }) => saves?.rows ?? 0));
  const titles = saving.filter(({ saves }) => saves?.rows !== most).map(({ title }) => title);
  return [...new Set(titles)].map((title) => `--set "${title}.when=0"`).join(" ");
}

/** How many pictures a batch saves, where that is known and one number. */
export function samplesPerBatch(plan: Plan): number | undefined {
  const sizes = new Set(plan.steps.filter(isSaving).map((step) => step.saves?.rows));
  return sizes.size === 1 ? [...sizes][0] : undefined;
}

/** How many pictures a call draws, and which of them it keeps: what is outside its range or beyond the end of the file is cut. */
export interface Keeping {
  readonly drawn: number;
  readonly kept: number;
  /** How many of a batch are kept, by its number in the whole run. */
  of(batch: number): number;
}

/** How many pictures a batch draws, by what saves most of them: a sheet is one. Undefined where that is not known before the run. */
export function picturesPerBatch(plan: Plan): number | undefined {
  const rows = Math.max(0, ...plan.steps.filter(isSaving).map(({ saves }) => saves?.rows ?? 0));
  return rows === 0 ? undefined : rows;
}

/** Undefined where it is not known before the run how many a batch draws. */
export function keepingOf(plan: Plan, { first, batches }: Batches, range?: SampleRange): Keeping | undefined {
  const saving = plan.steps.filter(isSaving);
  const rows = picturesPerBatch(plan);
  if (rows === undefined) return undefined;
  const limits = saving.filter(({ saves }) => saves?.rows === rows).map((step) => givenValue(step, "num_samples"));
  const limit = Math.max(...limits.map((one) => (typeof one === "number" && one > 0 ? one : Number.POSITIVE_INFINITY)));
  const [from, to] = [range?.from ?? 0, Math.min(range?.to ?? Number.POSITIVE_INFINITY, limit)];
  const upTo = (sample: number) => Math.min(Math.max(sample, from), Math.max(to, from));
  const between = (a: number, b: number) => upTo(b * rows) - upTo(a * rows);
  return {
    drawn: (batches - first) * rows,
    kept: between(first, batches),
    of: (batch) => between(batch, batch + 1),
  };
}

/** What a node is to keep and so many batches do not make, and how many would. */
export interface Short {
  readonly title: string;
  readonly wanted: number;
  readonly made: number;
  readonly enough: number;
}

export function shortOf(plan: Plan, batches: number): readonly Short[] {
  return plan.steps.filter(isSaving).flatMap((step) => {
    const [wanted, rows] = [givenValue(step, "num_samples"), step.saves?.rows];
    if (typeof wanted !== "number" || !rows || rows * batches >= wanted) return [];
    return [{ title: step.title, wanted, made: rows * batches, enough: Math.ceil(wanted / rows) }];
  });
}

/** How many samples a batch of each saving node has, where that is known: by it each batch has its place in the files. */
export function samplesEach(plan: Plan): (path: string) => number | undefined {
  const each = new Map(plan.steps.filter(isSaving).map((step) => [step.path, step.saves?.rows]));
  return (path) => each.get(path);
}

/** How the measures of a plan conclude from the rows of all batches, by path. */
export function conclusions(plan: Plan): (path: string) => NonNullable<AnyNode["conclude"]> | undefined {
  const all = new Map(
    everyStep(plan.steps).flatMap((step) =>
      step.is === "node" && step.definition.conclude ? [[step.path, step.definition.conclude] as const] : [],
    ),
  );
  return (path) => all.get(path);
}

/** Whether every batch has its place in all files before it is drawn, so that several may be drawn at a time. */
export const canSpread = (plan: Plan): boolean => whyAlone(plan) === undefined;

/** Why one device must draw all batches, one after the other; undefined where several may. */
export function whyAlone(plan: Plan): string | undefined {
  if (inLoops(plan.steps).some(isSaving)) return "a loop of it saves at each step";
  const isKnown = plan.steps.filter(isSaving).every((step) => step.saves?.rows !== undefined);
  return isKnown ? undefined : "how many pictures a batch saves is not known before the run";
}

/** The same for runs that make the same files: of everything they depend on, the samples that are wanted, and the version. */
export function identityOf(
  plan: Plan,
  {
    batches,
    range,
    version,
    precision,
  }: Readonly<{
    batches: number;
    range: SampleRange | undefined;
    version: string;
    precision: Precision;
  }>,
): string {
  const keys = plan.steps.map(({ path, key }) => [path, key]);
  const all = [version, keys, plan.targets, batches, range ?? null, ...(precision === "auto" ? [] : [precision])];
  const hash = createHash("sha256").update(JSON.stringify(all));
  return hash.digest("hex").slice(0, 16);
}

const isSaving = (step: PlanStep): step is NodeStep =>
  step.is === "node" && step.saves !== undefined && givenValue(step, "when") !== 0;

const listed = (saving: readonly NodeStep[]): string =>
  saving.map(({ title, saves }) => `“${title}” saves ${saves?.rows ?? "nobody knows how many"}`).join(", ");

const inLoops = (steps: readonly PlanStep[]): readonly PlanStep[] => steps.flatMap((step) => everyStep(bodyOf(step)));

function givenValue({ inputs }: NodeStep, name: string): unknown {
  const source = inputs[name];
  return source && "value" in source ? source.value : undefined;
}
