/**
 * What passes between a server and its clients, in both directions, with the schemas that both sides hold it to. Plain
 * data and nothing of Node or a browser: docs/protocol.md tells it in words, for clients in other languages.
 */
import { z } from "zod";
import type { RunEvent } from "../executor/index.ts";
import type { ArrayFacts, Known, NetworkFacts, NumbersEvent, OutputEvent } from "../nodes/index.ts";
import { type Use, uses } from "../onnx/adm/role.ts";

/** A schema for each key of a type: one that is forgotten or too many does not compile. */
export type Fields<T> = { readonly [K in keyof T]-?: z.ZodType<Required<T>[K]> };

/** The version of these messages, and the WebSocket subprotocol. */
export const subprotocol = "guidegraph.1";

// What a client sends.

const runId = z.string().min(1).max(64);

/** A reader is a cursor in a run's log: events after number `after`, then those to come. */
const subscribe = z.strictObject({
  type: z.literal("subscribe"),
  run: runId,
  after: z.int().min(0).default(0),
});
const unsubscribe = z.strictObject({ type: z.literal("unsubscribe"), run: runId });
/** Asks for the summary of every run that changes: its state, its place in the queue. */
const watch = z.strictObject({ type: z.literal("watch") });

export const clientMessage = z.discriminatedUnion("type", [subscribe, unsubscribe, watch]);
export type ClientMessage = z.infer<typeof clientMessage>;

/** Each is looked for in the graph; nobody sets more of it by name. */
const maxSet = 1_000;
const parameter = z.union([z.string(), z.number(), z.boolean()]);
const path = z.string().regex(/^\d{1,9}(\/\d{1,9}){0,15}$/, "a node's path is like 7 or 7/3");

/** The body of POST /api/runs. */
export const runRequest = z.strictObject({
  /** A document in litegraph's serialised form; it is read by graphs/document, which says where it is wrong. */
  graph: z.unknown(),
  batches: z.int().min(1).max(10_000).default(1),
  /** "Node title.parameter" or "7/3.parameter" → value. */
  set: z
    .record(z.string().max(1000), parameter)
    .refine((set) => Object.keys(set).length <= maxSet, `at most ${maxSet} parameters are set`)
    .default({}),
  /** Runs what these nodes depend on and nothing else; absent: every node that shows or saves. */
  targets: z.array(path).min(1).max(100).optional(),
  /** Wires inside loops to preview, beside the predicted x₀ of every loop. */
  watch: z
    .array(z.strictObject({ path, output: z.string().max(100) }))
    .max(32)
    .default([]),
  /** Goes before all of the same user that waits. */
  first: z.boolean().default(false),
});
export type RunRequest = z.infer<typeof runRequest>;

/** The body of POST /api/runs/:id/place: the run that waits, right before or after which it is to come. */
export const placeRequest = z.union([z.strictObject({ before: runId }), z.strictObject({ after: runId })]);
export type PlaceRequest = z.infer<typeof placeRequest>;

const fileId = z.string().max(1_000);

/**
 * The body of POST /api/facts: a file as a graph names it. The reply is what a plan is told of it, NetworkFacts,
 * ImageFacts or ArrayFacts; 422 says why it cannot be used.
 */
export const factsRequest = z.union([
  z.strictObject({
    role: z.enum(uses),
    file: fileId,
    sha256: z.string().max(100).default(""),
    flags: z.string().max(10_000).default(""),
  }),
  z.strictObject({ image: fileId }),
  z.strictObject({ tensor: fileId, array: fileId.default("") }),
]);
export type FactsRequest = z.infer<typeof factsRequest>;

/** The body of POST /api/commands: a sampling command of openai/guided-diffusion, with the lines that set its variables. */
export const commandRequest = z.strictObject({ command: z.string().min(1).max(20_000) });

// What a server sends.

/** The graph that does the same, once; and how often it is sampled for as many pictures as the command asks for. */
export interface CommandReply {
  readonly graph: object;
  readonly batches: number;
  /** What was chosen, taken for granted or not taken, a sentence each. */
  readonly notes: readonly string[];
}

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
const ms = z.number().min(0);
const count = z.int().min(0);
const nodeEvent = z.discriminatedUnion("state", [
  z.object({ ...node, state: z.literal(["running", "cached", "skipped"]) }),
  z.object({ ...node, state: z.literal("done"), ms, calls: count.exactOptional(), skipped: count.exactOptional() }),
  z.object({ ...node, state: z.literal("failed"), port: z.string().exactOptional(), message: z.string() }),
]);
const stepEvent = z.object({ type: z.literal("step"), path: z.string(), index: count, count, ms });
const batchEvent = z.object({ type: z.literal("batch"), index: count, count, ms });
const output = { path: z.string(), name: z.string(), mime: z.string(), sha256: z.string() };
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
/** `missing`: somebody has removed the file since. */
const runOutput = z.object({ ...output, missing: z.literal(true).exactOptional() });

/** The executor's own events, as they come out of a process or a socket. */
export const runEvent: z.ZodType<RunEvent> = z.union([nodeEvent, stepEvent, batchEvent, outputEvent, numbersEvent]);

/** What the run log gives an event. `seq` counts from 1 without a gap; `at` is for display, never for order. */
const number = { run: runId, seq: z.int().min(1), at: z.iso.datetime() };
const logged = z.union([
  ...nodeEvent.options.map((option) => option.extend(number)),
  stepEvent.extend(number),
  batchEvent.extend(number),
  outputEvent.extend(number),
  numbersEvent.extend(number),
  lifecycle.extend(number),
]);
export type LogEvent = RunEvent | Lifecycle;
export type Logged = { readonly run: string; readonly seq: number; readonly at: string } & LogEvent;

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
  readonly state: "running" | "cached" | "skipped" | "done" | "failed";
  readonly ms?: number;
  /** Of a node in a loop that was not needed in every step: in how many it was, and in how many not. */
  readonly calls?: number;
  readonly skipped?: number;
  readonly message?: string;
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

/** GET /api/health */
export interface Health {
  /** "unavailable": a run that is submitted now is refused. "degraded": it is taken, and yet something is wrong. */
  readonly status: "ok" | "degraded" | "unavailable";
  /** What is wrong, a sentence each. */
  readonly reasons: readonly string[];
  readonly version: string;
  /** Where networks run, "cpu" or "cuda, cpu"; "starting" until it is known. */
  readonly backend: string;
  /** The process that looks at graphs and files; "paused": it ended again and again, and starts anew after a while. */
  readonly planner: "starting" | "ready" | "stuck" | "paused";
  /** The processes that run graphs: the best of `devices`. */
  readonly sampler: "starting" | "ready" | "running" | "paused" | "out";
  readonly devices: readonly DeviceHealth[];
  /** Other machines that help (serve --redis); absent where nobody asked for them. */
  readonly machines?: {
    /** Whether Redis is there, by which they are reached. */
    readonly redis: "ok" | "away";
    readonly workers: readonly WorkerHealth[];
  };
  readonly queue: {
    readonly state: "open" | "full" | "closing";
    readonly waiting: number;
    readonly running: number;
  };
  readonly disk: { readonly state: "ok" | "full"; readonly freeBytes?: number };
  readonly history: "ok" | "unwritable";
  /** How many models and files are held (GET /api/quarantine). */
  readonly held: number;
  /** What is looked at for long now, while it is. */
  readonly stuck?: Stuck;
}

/** A device, and what it does: of which run it draws which batch, from 0. */
export interface DeviceHealth {
  /** "cuda:1", "cpu#2"; "sampler" where there is one and no more was asked for. */
  readonly name: string;
  readonly backend?: string;
  /** "out": it failed again and again, `reason` says how, and is not used until the next start. */
  readonly state: "starting" | "ready" | "running" | "paused" | "out";
  readonly reason?: string;
  readonly run?: string;
  readonly batch?: number;
}

/** A machine that helps, by its own words: each device with the batches, from 0, of the run that it draws, and how many are done. */
export interface WorkerHealth {
  readonly name: string;
  readonly version: string;
  readonly devices: readonly {
    readonly name: string;
    readonly backend?: string | undefined;
    readonly at?:
      | { readonly run: string; readonly from: number; readonly to: number; readonly done: number }
      | undefined;
  }[];
  /** Shards that it put, and that failed, since it started. */
  readonly done: number;
  readonly failed: number;
  /** Pictures in an hour, of its last shard. */
  readonly hourly?: number | undefined;
  /** Why it gets none now. */
  readonly problem?: string | undefined;
}

export interface Stuck {
  /** What kind of look it is: "check", "model", "image" … */
  readonly question: string;
  readonly file?: string;
  readonly since: string;
  /** How many wait for it. */
  readonly waiting: number;
}

interface Weight {
  readonly count: number;
  readonly bytes: number;
}

/** GET /api/usage: bytes of all that a server keeps, and by which rules it removes runs. */
export interface Usage {
  readonly runs: Weight;
  readonly trash: Weight;
  readonly history: number;
  readonly backups: number;
  readonly models: number;
  readonly images: number;
  readonly builtModels: number;
  readonly rules: { readonly keepRuns?: number; readonly keepMs?: number; readonly maxBytes?: number };
  /** By how many bytes runs, trash and history are beyond `maxBytes`, and none may go. */
  readonly beyond?: number;
  /** The last time that runs were removed by the rules. */
  readonly lastSweep?: { readonly at: string; readonly runs: number; readonly bytes: number };
}

/** GET /api/session: who asks. Without a name: the owner, who may all. */
export interface Session {
  readonly user?: string;
}

/** GET /api/models: a model file and what is known of it, or why it cannot be read. */
export interface ModelSummary {
  readonly id: string;
  readonly sha256?: string;
  readonly role?: Use;
  readonly architecture?: string;
  readonly parameters?: number;
  readonly presets?: readonly string[];
  /** The complete flags, in the reference's spelling. */
  readonly flags?: string;
  /** What was chosen in it, left over or taken for granted, a sentence each. */
  readonly notes?: readonly string[];
  readonly facts?: NetworkFacts;
  readonly problem?: string;
}

/**
 * What is asked of a checkpoint that nobody has described: what its shapes tell, and by the reference's flags what they do
 * not. Each answer makes another form, for it may tell more.
 */
export interface ModelForm {
  readonly role: "unet" | "classifier";
  readonly tells: readonly { readonly name: string; readonly value: string }[];
  readonly asks: readonly {
    readonly flag: string;
    readonly help: string;
    /** As one types it; "" where nothing tells it. */
    readonly value: string;
    /** Who says so: the flags that were sent, a released checkpoint of these shapes, the scripts' defaults, or nobody. */
    readonly from: "given" | "preset" | "default" | "nobody";
    /** Without it, or another that says the same, the model is not taken. */
    readonly needed?: true;
    readonly choices?: readonly string[];
  }[];
  /** Released checkpoints of these shapes. */
  readonly presets: readonly { readonly names: readonly string[]; readonly flags: string }[];
  /** What was given so far; it is sent back with the answers, and the last of repeated flags wins. */
  readonly flags: string;
  readonly notes: readonly string[];
  /** What is still missing, or does not go together; absent where it is enough. */
  readonly problem?: string;
}

/** POST /api/models/waiting: the model, where nothing is to be asked; else under which id it waits for the answers. */
export type WaitingReply =
  | { readonly model: ModelSummary }
  | { readonly waits: string; readonly name: string; readonly form?: ModelForm };

/** The body of POST /api/models/waiting/:id/form. */
export const formRequest = z.strictObject({
  flags: z.string().max(10_000).default(""),
  /** Of the reference, pasted as it is. */
  command: z.string().min(1).max(20_000).exactOptional(),
});

/** The body of POST /api/models/waiting/:id: what its card will say, as flags, or as the text of one. */
export const settleRequest = z.union([
  z.strictObject({ flags: z.string().max(10_000) }),
  z.strictObject({ card: z.string().max(1_000_000) }),
]);

/** POST /api/facts of a picture, or of an NPZ of pictures. */
export type ImageFacts = ReturnType<Known["image"]>;

/** What POST /api/tensors tells of each array of a file; an NPY's is called "". */
export interface ArrayShape extends Omit<ArrayFacts, "content"> {
  readonly name: string;
}

/** GET /api/graphs and /api/samplers */
export interface DocumentSummary {
  readonly name: string;
  /** Its identity, by which its runs know it (extra.guidegraph.id). */
  readonly id?: string;
  readonly title?: string;
  readonly description?: string;
  /** Comes with the program: it can be read, not changed. */
  readonly builtIn: boolean;
  readonly modified?: string;
  /** Hash of what the graph does; a copy in a document names it in extra.guidegraph.library. */
  readonly hash: string;
  /** Of an entry of the sampler library; it rises with every save that changes something. */
  readonly version?: number;
  /** Names it had before: a copy may still know it by one. */
  readonly formerly?: readonly string[];
}

/** A problem of a graph or a request: the reply to everything that is refused is `{ errors: Problem[] }`. */
export interface Problem {
  readonly message: string;
  readonly node?: string;
  readonly port?: string;
  /** Of a run whose models are held: what to allow with DELETE /api/quarantine/:id. */
  readonly quarantine?: string;
}

/** GET /api/quarantine: models, together in one graph, that ended their process so often that they are not run. */
export interface HeldModels {
  readonly id: string;
  readonly models: readonly string[];
  readonly crashes: number;
  /** The last signal, or what was said. */
  readonly reason: string;
  readonly since: string;
}

/** The header of a binary message; after it come the pictures' bytes, N×H×W×C, as on a wire of kind image. */
export const previewHeader = z.object({
  type: z.literal("preview"),
  run: runId,
  path: z.string(),
  /** Of a watched wire: the output of the node at `path`. */
  output: z.string().optional(),
  /** The step of the loop, from 0, and how many there are. */
  index: z.int().min(0).optional(),
  count: z.int().min(1).optional(),
  dims: z.tuple([z.int().min(0), z.int().min(0), z.int().min(0), z.int().min(0)]),
});
export type PreviewHeader = z.infer<typeof previewHeader>;

/** Bytes of the header's length, a little-endian uint32. */
const prefix = 4;

/** length of the header (uint32, little-endian) | header (JSON, UTF-8) | pictures (uint8) */
export function encodePreview(header: PreviewHeader, pictures: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(prefix + text.length + pictures.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, prefix);
  bytes.set(pictures, prefix + text.length);
  return bytes;
}

/** Throws a SyntaxError or a ZodError for what is no preview. */
export function decodePreview(bytes: Uint8Array): PreviewHeader & { readonly pictures: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const header = previewHeader.parse(JSON.parse(new TextDecoder().decode(bytes.subarray(prefix, prefix + length))));
  const pictures = bytes.subarray(prefix + length);
  const size = header.dims.reduce((product, dim) => product * dim, 1);
  if (pictures.length !== size)
    throw new SyntaxError(`A preview of ${header.dims.join("×")} has ${pictures.length} bytes, not ${size}`);
  return { ...header, pictures };
}
