/** What a run's log holds: that it entered a state, and what the executor tells, each event with its number. */
import * as z from "zod";
import type { RunEvent } from "../../executor/index.ts";
import type { NumbersEvent, OutputEvent } from "../../nodes/index.ts";
import { count, type Fields, ms, runId } from "./shared.ts";

export const runState = z.enum(["queued", "running", "cancelling", "succeeded", "failed", "cancelled", "interrupted"]);
export type RunState = z.infer<typeof runState>;

/** A run in one of these has ended, and changes no more. */
export const endStates: ReadonlySet<RunState> = new Set(["succeeded", "failed", "cancelled", "interrupted"]);

/** Why a run did not succeed. Node and port where they are known. */
export const runFailure = z.object({
  code: z.enum([
    "GRAPH", // a node failed: its model, its files, its numbers
    "WORKER_CRASHED", // the process in which it ran ended
    "OUT_OF_MEMORY",
    "DEVICE_LOST", // the card it ran on is gone, also for the process that tried it anew
    "DEADLINE",
    "DISK_FULL",
    "FOLDER_GONE", // where it would be kept is away: the server's data folder, or its history
    "OTHER_MACHINE", // this device or machine cannot draw it as others did: nothing is wrong with it, and another goes on
    "PROTOCOL", // the worker sent what is no message
    "QUARANTINED", // its models ended their process before, and nobody has allowed them again
    "SERVER_STOPPED", // the server ended while it ran
  ]),
  message: z.string(),
  node: z.string().exactOptional(),
  port: z.string().exactOptional(),
  /** The signal that ended the process it ran in. */
  signal: z.string().exactOptional(),
});
export type RunFailure = z.infer<typeof runFailure>;

/** A run enters a state. `ms` is the time since it began to run. */
const lifecycle = z.object({
  type: z.literal("run"),
  state: runState,
  ms: z.number().min(0).exactOptional(),
  failure: runFailure.exactOptional(),
});
export type Lifecycle = z.infer<typeof lifecycle>;

const node = { type: z.literal("node"), path: z.string() };
const nodeEvent = z.discriminatedUnion("state", [
  z.object({ ...node, state: z.literal(["running", "cached", "skipped"]) }),
  z.object({
    ...node,
    state: z.literal("done"),
    ms,
    calls: count.exactOptional(),
    skipped: count.exactOptional(),
    note: z.string().exactOptional(),
  }),
  z.object({ ...node, state: z.literal("failed"), port: z.string().exactOptional(), message: z.string() }),
]);
const stepEvent = z.object({ type: z.literal("step"), path: z.string(), index: count, count, ms });
const batchEvent = z.object({
  type: z.literal("batch"),
  index: count,
  count,
  ms,
  cached: z.literal(true).exactOptional(),
  pictures: count.exactOptional(),
});
export const output = { path: z.string(), name: z.string(), mime: z.string(), sha256: z.string() };
const outputEvent = z.object({ type: z.literal("output"), ...output } satisfies Fields<OutputEvent>);
const measured = z.object({
  value: z.number(),
  low: z.number().exactOptional(),
  high: z.number().exactOptional(),
});
const numbersEvent = z.object({
  type: z.literal("numbers"),
  path: z.string(),
  pictures: count,
  numbers: z.record(z.string(), measured),
} satisfies Fields<NumbersEvent>);

/** The executor's own events, as they come out of a process or a socket. */
export const runEvent: z.ZodType<RunEvent> = z.union([nodeEvent, stepEvent, batchEvent, outputEvent, numbersEvent]);

/** What the run log gives an event. `seq` counts from 1 without a gap; `at` is for display, never for order. */
const number = { run: runId, seq: z.int().min(1), at: z.iso.datetime() };
export const logged = z.union([
  ...nodeEvent.options.map((option) => option.extend(number)),
  stepEvent.extend(number),
  batchEvent.extend(number),
  outputEvent.extend(number),
  numbersEvent.extend(number),
  lifecycle.extend(number),
]);
export type LogEvent = RunEvent | Lifecycle;
export type Logged = { readonly run: string; readonly seq: number; readonly at: string } & LogEvent;
