import { Observable } from "rxjs";
import { type GraphError, type Port, type Preview, traitsOf } from "../nodes/index.ts";
import type { Cache, Values } from "./cache.ts";
import { Demand } from "./demand.ts";
import { errorAt } from "./errors.ts";
import { Evaluator } from "./evaluator.ts";
import { Cancelled, notSpent, type Op, type Spent, type Watch, type Watching } from "./op.ts";
import { Sights } from "./sights.ts";
import { releases } from "./slots.ts";
import type { NodeState, Plan, RunEvent, World } from "./types.ts";

export interface RunOptions {
  /** Values of earlier runs, reused where their content key is the same. */
  readonly cache?: Cache;
  /** How many batches follow each other; what does not depend on the batch is computed once. */
  readonly batches?: number;
  /** Asks which batch comes next, from 0, until there is none. Absent: all of them, in order. */
  readonly next?: () => Promise<number | undefined>;
  /** Values to look at. Within what is taken from the cache, there is only what is `asked` to see. */
  readonly watch?: readonly Watch[];
}

/**
 * Runs a plan when subscribed to. Emits each node's states, each step of a loop, files written and previews; completes
 * when all is done; errors with the GraphError of the node that failed (told as its state before). Unsubscribing
 * cancels: nothing starts any more, and the nodes at work see their `signal` aborted. Throws a RangeError when
 * `batches` is not a whole number of at least 1.
 *
 * Nodes inside a loop do not tell when they start or end: the loop's steps stand for them, and when it ends each tells
 * how long it took in all.
 */
export function run(plan: Plan, world: World, options: RunOptions = {}): Observable<RunEvent | Preview> {
  const { batches = 1 } = options;
  if (!Number.isSafeInteger(batches) || batches < 1)
    throw new RangeError(`Cannot run ${batches} batches: give a whole number of at least 1`);
  return new Observable((subscriber) => {
    const cancel = new AbortController();
    const emit = (event: RunEvent | Preview) => {
      if (!cancel.signal.aborted) subscriber.next(event);
    };
    runBatches(plan, world, options, cancel.signal, emit).then(
      () => subscriber.complete(),
      (error) => subscriber.error(error),
    );
    return () => cancel.abort(new Cancelled());
  });
}

type Emit = (event: RunEvent | Preview) => void;

async function runBatches(
  plan: Plan,
  world: World,
  options: RunOptions,
  signal: AbortSignal,
  emit: Emit,
): Promise<void> {
  const { cache, batches = 1, next = inOrder(batches), watch = [] } = options;
  const watched = watch.flatMap((one) => watching(one, plan));
  const evaluator = new Evaluator(plan, {
    world,
    signal,
    watch: watched,
    targets: plan.targets,
    saw: (path, output, value) => sights.saw(path, output, value),
    emit,
  });
  const { ops } = evaluator;
  const demand = new Demand(ops, [], plan.targets);
  const sights = new Sights(watched, demand);
  const tell = (op: Op, state: NodeState) => emit({ type: "node", path: op.step.path, ...state });
  const shared = new Set(batches > 1 ? ops.filter(({ step }) => !step.perBatch && !step.effect) : []);
  const kept = new Set([...shared].flatMap(({ writes }) => writes));
  const release = releases(ops, kept, demand.askers);
  const isDone = new Set<Op>();
  let isFirst = true;
  /** Of the batch at work: something but its effects. */
  let isComputed = false;

  for (let index = await next(); index !== undefined; index = await next()) {
    const began = performance.now();
    isComputed = false;
    evaluator.batch = { index, count: batches };
    const keyOf = ({ step }: Op) => (step.perBatch ? `${step.key} ${index}` : step.key);
    const known = (op: Op) => (sights.kept(op, keyOf(op), cache) ? cache?.get(keyOf(op)) : undefined);
    const uses = whatToDo(ops, plan.targets, isDone, known, (op) => sights.in(op).length > 0);
    /** What to do with an op: of one that waited until now, decided here. */
    const useOf = (op: Op): Use => {
      const use = uses.get(op) ?? known(op) ?? "run";
      uses.set(op, use);
      return use;
    };
    const isKnown = (op: Op) => useOf(op) !== "run";
    const done = new Set(ops.flatMap((op, i) => (isDone.has(op) ? [i] : [])));
    for (const [i, op] of ops.entries()) {
      if (uses.has(op)) for (const at of demand.upTo(i, done, isKnown)) await makeUse(ops[at], useOf(ops[at]), keyOf);
      else if (isFirst && demand.isSure(i)) tell(op, { state: "cached" });
      evaluator.release(release[i]);
    }
    for (const i of isFirst ? demand.waiting : [])
      if (!done.has(i)) tell(ops[i], { state: uses.get(ops[demand.askers[i]]) === "run" ? "skipped" : "cached" });
    isFirst = false;
    const ms = performance.now() - began;
    if (batches > 1) emit({ type: "batch", index, count: batches, ms, ...(!isComputed && { cached: true }) });
  }

  async function makeUse(op: Op, use: Use, keyOf: (op: Op) => string): Promise<void> {
    if (use === "run") {
      tell(op, { state: "running" });
      if (!op.step.effect) isComputed = true;
      sights.forget(op);
      await runOne(op);
      if (isKept(op)) {
        cache?.set(keyOf(op), op.result());
        sights.keep(op, keyOf(op), cache);
      }
    } else {
      try {
        op.restore(use);
        for (const [{ path, output }, value] of sights.kept(op, keyOf(op), cache) ?? [])
          evaluator.show(path, output, value);
      } catch (error) {
        fail(op, errorAt(op.step.path, error));
      }
      tell(op, { state: "cached" });
    }
    if (shared.has(op)) isDone.add(op);
  }

  async function runOne(op: Op): Promise<void> {
    for (const { spent } of withBodies([op])) Object.assign(spent, notSpent());
    try {
      await evaluator.run(op);
    } catch (error) {
      fail(op, error);
    }
    for (const one of [...withBodies(op.body), op]) {
      for (const [path, calls] of one.spent.drawn) {
        const skipped = one.spent.calls - calls;
        if (skipped > 0)
          emit({ type: "node", path, ...ended({ ...notSpent(), calls, skipped: skipped + one.spent.skipped }) });
      }
      tell(one, ended(one.spent));
    }
  }

  /** Tells which node failed, unless it was stopped. */
  function fail(op: Op, error: unknown): never {
    if (error instanceof Cancelled || signal.aborted) throw error;
    const { path, port, message } = error as GraphError;
    emit({ type: "node", path: path ?? op.step.path, state: "failed", message, ...(port !== undefined && { port }) });
    throw error;
  }
}

/** Computed, or restored. */
type Use = "run" | Values;

function ended({ ms, calls, skipped, flat }: Spent): NodeState {
  if (calls === 0) return { state: "skipped" };
  // In some of the steps it may be meant: what a Switch chooses need have none.
  const note =
    flat === calls &&
    `Its gradient was 0 everywhere${calls > 1 ? `, in all ${calls} calls` : ""}: nothing is guided by it`;
  return { state: "done", ms, ...(skipped > 0 && { calls, skipped }), ...(note && { note }) };
}

function inOrder(batches: number): () => Promise<number | undefined> {
  let index = 0;
  return async () => (index < batches ? index++ : undefined);
}

/** A watched output of a subgraph is an output of a node in it, or what the loop around it carries. */
function watching(watch: Watch, { dissolved }: Plan): Watching[] {
  const source = dissolved?.[watch.path]?.[watch.output] ?? { from: watch.path, output: watch.output };
  if ("from" in source) return [{ watch, path: source.from, output: source.output }];
  return "given" in source ? [{ watch, path: source.by, output: source.given }] : [];
}

const isKept = ({ step }: Op): boolean =>
  !step.effect &&
  !(step.is === "node" && Object.values<Port>(step.definition.outputs).some(({ kind }) => traitsOf(kind)?.handle));

const withBodies = (ops: readonly Op[]): Op[] => ops.flatMap((op) => [op, ...withBodies(op.body)]);

/**
 * Finds what the targets depend on, from the last step to the first; reuses what is known, and runs the rest. A step
 * that is not in the result is needed by nobody: what it feeds is known already, and nobody looks at it.
 */
function whatToDo(
  ops: readonly Op[],
  targets: readonly string[],
  isDone: ReadonlySet<Op>,
  known: (op: Op) => Values | undefined,
  isSeen: (op: Op) => boolean,
): Map<Op, Use> {
  const uses = new Map<Op, Use>();
  const wanted = new Set<number>();
  for (const op of [...ops].reverse()) {
    const { path, effect } = op.step;
    const isTarget = effect || targets.includes(path) || isSeen(op);
    const holdsTarget = withBodies(op.body).some(({ step }) => targets.includes(step.path));
    if (isDone.has(op) || !(isTarget || holdsTarget || op.writes.some((slot) => wanted.has(slot)))) continue;
    const values = effect || holdsTarget ? undefined : known(op);
    uses.set(op, values ?? "run");
    if (!values) for (const slot of op.reads) wanted.add(slot);
  }
  return uses;
}
