/** What is known of a run here: its summary and, from its events, the state of every node. Any order of REST and events ends the same. */

import { numbersText } from "../../nodes/numbers-text.ts";
import {
  endStates,
  type Logged,
  maxOutputsTold,
  type NodeSummary,
  type PreviewHeader,
  type Problem,
  type RunSummary,
} from "../../server/protocol.ts";
import { batchWords, type Going, leftInRun, overBatches, type StepView } from "./progress.ts";
import type { Status } from "./status.ts";

export interface NodeView {
  readonly state: NodeSummary["state"];
  /** What it took in all batches that it has ended. */
  readonly ms?: number;
  /** In how many of their steps it was needed, and in how many not. */
  readonly calls?: number;
  readonly skipped?: number;
  readonly message?: string;
  readonly port?: string;
  /** What it did may not be meant: why, in a sentence. */
  readonly note?: string;
}
export type NumbersView = NonNullable<NodeSummary["numbers"]>;

export interface RunView extends Going {
  readonly summary: RunSummary;
  readonly nodes: ReadonlyMap<string, NodeView>;
  /** What measures say of all pictures, by path. */
  readonly numbers: ReadonlyMap<string, NumbersView>;
  /** Number of the last event that is in here. */
  readonly seq: number;
}

export const viewOfSummary = (summary: RunSummary): RunView => ({
  summary,
  nodes: new Map(),
  steps: new Map(),
  numbers: new Map(),
  seq: 0,
});

/** The run after its summary came. Where events have told more than it knows, they are right. */
export const withSummary = (run: RunView | undefined, summary: RunSummary): RunView => {
  if (!run) return viewOfSummary(summary);
  return summary.seq < run.seq ? run : { ...run, summary };
};

export const hasEnded = ({ summary }: RunView): boolean => endStates.has(summary.state);

/** The run after an event; one that is in it already changes nothing. */
export function withEvent(run: RunView, event: Logged): RunView {
  if (event.seq <= run.seq) return run;
  const { seq } = event;
  if (event.type === "run") {
    const { state, ms, failure } = event;
    return {
      ...run,
      seq,
      summary: { ...run.summary, state, ...(ms !== undefined && { ms }), ...(failure && { failure }) },
    };
  }
  if (event.type === "output") {
    const { path, name, mime, sha256 } = event;
    const others = run.summary.outputs.filter((output) => output.name !== name);
    const all = [...others, { path, name, mime, sha256 }];
    const total = (run.summary.outputCount ?? run.summary.outputs.length) + all.length - run.summary.outputs.length;
    const outputs = all.slice(-maxOutputsTold);
    const more = total > outputs.length && { outputCount: total };
    return { ...run, seq, summary: { ...run.summary, outputs, ...more } };
  }
  if (event.type === "step") {
    const { path, index, count, ms } = event;
    const before = run.steps.get(path);
    const mean = before && index > 1 ? (before.ms * (index - 1) + ms) / index : ms;
    return { ...run, seq, steps: new Map(run.steps).set(path, { taken: index + 1, of: count, ms: mean }) };
  }
  if (event.type === "batch") {
    const { index, count, cached, pictures } = event;
    const ms = (cached && run.batches?.ms) || event.ms;
    const begins = ([path, step]: readonly [string, StepView]) => [path, { ...step, taken: 0 }] as const;
    const steps = index + 1 < count ? new Map([...run.steps].map(begins)) : run.steps;
    return {
      ...run,
      seq,
      steps,
      batches: { done: index + 1, of: count, ms, ...(pictures !== undefined && { pictures }) },
    };
  }
  if (event.type === "numbers") {
    const { path, pictures, numbers } = event;
    return { ...run, seq, numbers: new Map(run.numbers).set(path, { pictures, numbers }) };
  }
  return { ...run, seq, nodes: new Map(run.nodes).set(event.path, nodeAfter(event, run.nodes.get(event.path))) };
}

/** `before`: as an earlier batch left it. What that took is kept, also where a later one takes its value from the cache. */
function nodeAfter(event: Extract<Logged, { type: "node" }>, before: NodeView | undefined): NodeView {
  const { state: _, message: __, port: ___, ...kept } = before ?? { state: "running" };
  if (event.state === "failed")
    return { state: "failed", message: event.message, ...(event.port !== undefined && { port: event.port }) };
  if (event.state === "running") return { ...kept, state: "running" };
  if (event.state !== "done") return { ...kept, state: kept.ms === undefined ? event.state : "done" };
  const { ms, calls, skipped, note } = event;
  const { calls: called, skipped: spared, ...rest } = kept;
  // Of a batch that needed it in all steps it is not told in how many: then of all batches together it is not known.
  const isCounted = kept.ms === undefined || called !== undefined;
  return {
    ...rest,
    state: "done",
    ms: (kept.ms ?? 0) + ms,
    ...(skipped && isCounted && { calls: (called ?? 0) + (calls ?? 0), skipped: (spared ?? 0) + skipped }),
    ...(note !== undefined && { note }),
  };
}

/** What a card says: its own state, or, of a node that holds others, what goes on inside. */
export function statusOf(run: RunView | undefined, path: string, holds: boolean): Status {
  if (!run) return { state: "idle" };
  const own = run.nodes.get(path);
  const inside = holds ? [...run.nodes].filter(([at]) => at.startsWith(`${path}/`)) : [];
  const loops = [...run.steps.keys()].filter((at) => at === path || (holds && at.startsWith(`${path}/`)));
  const failed = own?.state === "failed" ? own : inside.find(([, { state }]) => state === "failed")?.[1];
  if (failed)
    return {
      state: "failed",
      ...(failed.message && { message: failed.message }),
      ...(failed === own && failed.port && { port: failed.port }),
    };
  const busy = own?.state === "running" || inside.some(([, { state }]) => state === "running");
  if (!hasEnded(run) && busy) {
    const loop = loops.findLast((at) => (run.steps.get(at)?.taken ?? 0) > 0) ?? loops.at(-1);
    const progress = loop === undefined ? undefined : overBatches(run, loop);
    return progress ? { state: "running", word: `${progress.done} / ${progress.of}`, progress } : { state: "running" };
  }
  if (own?.state === "done") {
    const numbers = run.numbers.get(path);
    return { state: "done", word: numbers ? numbersText(numbers) : spentIn(own) };
  }
  if (own?.state === "cached" || own?.state === "skipped") return { state: own.state };
  if (inside.length > 0 && inside.every(([, { state }]) => state === "skipped")) return { state: "skipped" };
  if (inside.length > 0 && inside.every(([, { state }]) => state === "cached")) return { state: "cached" };
  if (inside.length > 0 && inside.every(([, { state }]) => state !== "running" && state !== "stopped")) {
    const outermost = inside.filter(([at]) => !inside.some(([other]) => at.startsWith(`${other}/`)));
    return { state: "done", word: duration(outermost.reduce((sum, [, { ms = 0 }]) => sum + ms, 0)) };
  }
  return { state: hasEnded(run) || isInLoop(run, path) ? "idle" : "waiting" };
}

/** Whether a node goes round in a loop that has taken a step: of these the loop alone tells. */
export const isInLoop = ({ steps }: RunView, path: string): boolean =>
  [...steps.keys()].some((loop) => path.startsWith(`${loop}/`));

/** "1.84 s", "0.4 s, in 10 of 25 steps"; of what is drawn with a Differentiate, whose time is one: "in 10 of 25 steps" */
export const spentIn = ({ ms = 0, calls, skipped }: NodeView): string => {
  const steps = calls !== undefined && skipped ? [`in ${calls} of ${calls + skipped} steps`] : [];
  return [...(ms > 0 || steps.length === 0 ? [duration(ms)] : []), ...steps].join(", ");
};

/** What nodes did that may not be meant. */
export const notesIn = ({ nodes }: RunView): Problem[] =>
  [...nodes].flatMap(([node, { note }]) => (note === undefined ? [] : [{ message: note, node }]));

/** The node at which a run failed: the innermost that says so. */
export function failedNode({ nodes }: RunView): { readonly path: string; readonly message: string } | undefined {
  const failed = [...nodes].filter(([, { state }]) => state === "failed");
  const [path, node] = failed.reduce<(typeof failed)[0] | []>(
    (a, b) => (a[0] && a[0].length >= b[0].length ? a : b),
    [],
  );
  return path === undefined ? undefined : { path, message: node?.message ?? "It failed" };
}

/** "x₀ · 17 of 50 · 1.3 s left"; of several batches, whose steps the card's head counts, "x₀ · batch 3 of 8 · 24 s left". `devices` draw batches of it at a time. */
export function stepTag(run: RunView, loop: string, devices = 1): string | undefined {
  const step = run.steps.get(loop);
  if (!step || hasEnded(run) || run.nodes.get(loop)?.state === "done") return undefined;
  const left = leftInRun(run, devices);
  const far = `x₀ · ${batchWords(run) ?? `${step.taken} of ${step.of}`}`;
  return left === undefined ? far : `${far} · ${duration(left)} left`;
}

export function duration(ms: number): string {
  if (ms < 1) return "<1 ms";
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 0)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** As long as a line has room for: "12 s", "2 min", "3 h". */
export function roughly(ms: number): string {
  if (ms < 60_000) return duration(ms);
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}

export type Preview = PreviewHeader & { readonly pictures: Uint8Array };
