/** What is told of runs: a line for lists, the whole of one, and what a reader on the socket hears. */
import * as z from "zod";
import type { NumbersEvent } from "../../nodes/index.ts";
import { type Logged, logged, output, runFailure, runState } from "./events.ts";
import type { RunRequest } from "./requests.ts";
import { count, ms, runId } from "./shared.ts";

/** `missing`: somebody has removed the file since. */
const runOutput = z.object({ ...output, missing: z.literal(true).exactOptional() });

/** Of a run with more outputs, a summary has the last ones: it is sent to everybody at each change. Its events have all. */
export const maxOutputsTold = 200;

/** A run in short: what a list of runs shows. */
const runSummary = z.object({
  id: runId,
  /** Runs are numbered from 1 as they are accepted. */
  number: z.int().min(1),
  title: z.string(),
  /** The identity of its document (extra.guidegraph.id), whatever that is called by now. */
  document: z.string().exactOptional(),
  /** The name of who submitted it; absent: the owner. */
  by: z.string().exactOptional(),
  state: runState,
  /** Of a queued run: how many runs begin before it. */
  position: count.exactOptional(),
  batches: z.int().min(1),
  /** Number of its last event. */
  seq: count,
  created: z.iso.datetime(),
  started: z.iso.datetime().exactOptional(),
  ended: z.iso.datetime().exactOptional(),
  /** From its start to its end. */
  ms: ms.exactOptional(),
  failure: runFailure.exactOptional(),
  /** It is not removed by itself, nor by hand before it is unpinned. */
  pinned: z.literal(true).exactOptional(),
  /** What its files weigh, soon after its end. */
  bytes: count.exactOptional(),
  outputs: z.array(runOutput),
  /** How many there are, where `outputs` are not all. */
  outputCount: count.exactOptional(),
});
export type RunSummary = z.infer<typeof runSummary>;

/** GET /api/trash: a run that was put there, until it is taken out or removed for good. */
export interface TrashedRun extends Pick<RunSummary, "id" | "number" | "title" | "by" | "bytes"> {
  readonly removed: string;
  readonly until: string;
}

/** One node of a run, as the last event about it left it. */
export interface NodeSummary {
  readonly path: string;
  /** `stopped`: it was at work when its run ended. */
  readonly state: "running" | "cached" | "skipped" | "done" | "failed" | "stopped";
  readonly ms?: number;
  /** Of a node in a loop that was not needed in every step: in how many it was, and in how many not. */
  readonly calls?: number;
  readonly skipped?: number;
  readonly message?: string;
  /** What it did may not be meant: why, in a sentence. */
  readonly note?: string;
  /** Of a loop: the last step taken, from 0, and how many there are. */
  readonly step?: { readonly index: number; readonly count: number };
  /** Of a measure: what it says of all pictures of the run, when the last is in. */
  readonly numbers?: Pick<NumbersEvent, "pictures" | "numbers">;
}

/** GET /api/runs/:id */
export interface RunDetail extends RunSummary {
  readonly graph: object;
  readonly set: RunRequest["set"];
  readonly targets?: readonly string[];
  readonly watch: RunRequest["watch"];
  readonly nodes: readonly NodeSummary[];
}

export const serverMessage: z.ZodType<ServerMessage> = z.union([
  logged,
  /** All that the log held is sent; what follows happens now. */
  z.object({ type: z.literal("live"), run: runId, seq: count }),
  /** A run's new summary, to those who watch. */
  z.object({ type: z.literal("summary"), summary: runSummary }),
  /** It was removed: there is no such run any more, to those who watch and to those who follow it. */
  z.object({ type: z.literal("removed"), run: runId }),
  /** What was asked for cannot be had. */
  z.object({ type: z.literal("refused"), message: z.string(), run: runId.exactOptional() }),
]);
export type ServerMessage =
  | Logged
  | { readonly type: "live"; readonly run: string; readonly seq: number }
  | { readonly type: "summary"; readonly summary: RunSummary }
  | { readonly type: "removed"; readonly run: string }
  | { readonly type: "refused"; readonly message: string; readonly run?: string };
