/** Between the server and a process in which graphs run. The child is not trusted: it reads what strangers made. */
import * as z from "zod";
import type { Precision, SampleRange } from "../../runtime/index.ts";
import { type Kept, kept, savedFile } from "../files/journal-lines.ts";
import { type RunRequest, runEvent, runFailure } from "../protocol.ts";
import type { Backend } from "../providers/choose.ts";
import { problem } from "./problem.ts";
import type { Question } from "./questions.ts";
import { isWithin } from "./size.ts";

/** How a worker is set up; sent once, first. */
export interface WorkerOptions {
  readonly models: readonly string[];
  readonly images: readonly string[];
  readonly nodes: readonly string[];
  /** Files that the user named by path. */
  readonly typed?: readonly string[];
  /** It draws what a server on another machine gives out. */
  readonly helps?: true;
  readonly cache: string | undefined;
  readonly backend: Backend;
  /** Of several of that kind; absent: the first. */
  readonly device?: number | undefined;
  /** Of one that runs none: where graphs are run; of one that has no card for itself: who is on it. */
  readonly runsOn?: readonly Pick<WorkerOptions, "backend" | "device">[] | undefined;
  readonly threads: number;
  /** Absent: auto. */
  readonly precision?: Precision | undefined;
  /** How many devices draw here, this one counted; absent: this one. */
  readonly devices?: number | undefined;
  /** Folders whose names are not for clients. */
  readonly hidden: readonly string[];
  /** Where runs save, and the bytes they may hold. */
  readonly room: { readonly folder: string; readonly bytes: number };
  /** What it holds beyond so much ends it. */
  readonly memoryBytes?: number;
}

/** A run as a worker gets it. */
export interface Task {
  readonly run: string;
  /** The text of its document. */
  readonly graph: string;
  readonly options: Pick<RunRequest, "batches" | "watch" | "targets">;
  /** Of these samples what is saved is kept; absent: of all. */
  readonly range?: SampleRange | undefined;
  /** Where its outputs go. */
  readonly folder: string;
  /** Of what the pictures depend on elsewhere: where they would depend on something else here, it fails. */
  readonly identity?: string | undefined;
  /** Of several batches: where what is on its way into files lies, and what earlier ones kept. */
  readonly noted?: { readonly folder: string; readonly kept: Kept } | undefined;
}

/** A batch, from 0, or several that follow one another, to before the last. "end": all are done, and the files that hold all are to be made. "leave": others do the rest. */
export type Next = number | Span | "leave" | { readonly end: Kept };

/** Batches, from the first to before the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export type ToWorker =
  | { readonly type: "open"; readonly options: WorkerOptions; readonly runs: boolean }
  /** `ask` is held to the question's row by whoever answers. */
  | { readonly type: "ask"; readonly id: number; readonly question: Question; readonly ask: unknown }
  /** The task is likely to be run next. */
  | { readonly type: "prepare"; readonly task: Task }
  /** It asks for batch after batch of the task, until there is none for it. */
  | { readonly type: "run"; readonly task: Task }
  | { readonly type: "next"; readonly run: string; readonly is: Next }
  | { readonly type: "chosen"; readonly run: string; readonly name: string; readonly is: string | number }
  | { readonly type: "cancel"; readonly run: string };

const text = z.string().max(2_000);
const run = z.string().max(64);

const count = z.int().min(0);
const end = { type: z.literal("end"), run };

const fromWorker = z.union([
  /** `backend` is where networks run; "none" in a process that only plans. */
  z.object({ type: z.literal("ready"), backend: z.string().max(20) }),
  z.object({ type: z.literal("say"), line: text }),
  /** It holds so many bytes that nothing explains: when its run ends, another should take its place. */
  z.object({ type: z.literal("worn"), bytes: z.number() }),
  /** It looks at something, and hears. */
  z.object({ type: z.literal("beat") }),
  /** It cannot start with the options it was given, now or later. */
  z.object({ type: z.literal("unusable"), reason: text }),
  /** `reply` is held to the question's row by whoever asked. */
  z.object({ type: z.literal("answer"), id: z.int(), reply: z.unknown() }),
  /** `isFull`: the disk has no room for what was asked. */
  z.object({
    type: z.literal("problems"),
    id: z.int(),
    problems: z.array(problem).min(1).max(60),
    isFull: z.literal(true).exactOptional(),
  }),
  z.object({ type: z.literal("event"), run, event: runEvent }),
  /**
   * Which batch comes next? `canSpread`: others may draw some meanwhile. `identity`: of all that its pictures depend on
   * (engine/samples.ts). `pictures`: how many a batch draws, where that is known. `most`: so many batches at once, where it is
   * more than one.
   */
  z.object({
    type: z.literal("next"),
    run,
    canSpread: z.boolean(),
    identity: text,
    pictures: count.exactOptional(),
    most: count.exactOptional(),
  }),
  /** A batch is on the disk, and `saved` these. */
  z.object({
    type: z.literal("done"),
    run,
    batch: count,
    of: count,
    ms: z.number().min(0),
    cached: z.literal(true).exactOptional(),
    saved: z.array(savedFile),
    kept,
  }),
  /** What a file is called, or the number of a stem's first picture, where nobody has chosen another. */
  z.object({ type: z.literal("choose"), run, name: z.string().max(400), is: z.union([z.string().max(400), count]) }),
  /** A frame as it goes to clients; a later one of the same `of` replaces it. */
  z.object({
    type: z.literal("preview"),
    run,
    of: text,
    frame: z.custom<Uint8Array>((value) => value instanceof Uint8Array),
  }),
  /** "left": others go on with it. */
  z.object({ ...end, state: z.literal(["succeeded", "cancelled", "left"]) }),
  /** Whoever was given its batches cannot draw them: others may. */
  z.object({ ...end, state: z.literal("refused"), why: text }),
  z.object({ ...end, state: z.literal("failed"), failure: runFailure }),
]);
export type FromWorker = z.infer<typeof fromWorker>;

export type PreviewMessage = Extract<FromWorker, { readonly type: "preview" }>;

/** What it says of a run. */
export type RunMessage = Extract<FromWorker, { readonly run: string }>;

/** Pictures are the largest that one has to say. */
export const maxMessageBytes = 256 * 2 ** 20;
const atOnce = z.array(fromWorker).min(1);

/** Messages as they travel, those of one moment together. Undefined for what is none, or too large for one. */
export function readMessages(raw: unknown): readonly FromWorker[] | undefined {
  if (!Array.isArray(raw) || !raw.every((message) => isWithin(message, maxMessageBytes))) return undefined;
  return atOnce.safeParse(raw).data;
}
