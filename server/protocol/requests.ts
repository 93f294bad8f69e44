/** What a client sends: over the socket, and in the bodies of its requests. */
import * as z from "zod";
import { uses } from "../../onnx/adm/role.ts";
import { type Problem, runId } from "./shared.ts";

/** The version of these messages, and the WebSocket subprotocol. */
export const subprotocol = "guidegraph.1";

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

/** The reply to POST /api/runs. */
export interface AcceptedRun {
  readonly id: string;
  /** What will run, and may not be meant, a sentence each; absent where there is nothing to say, and in the reply to a repeated request. */
  readonly notes?: readonly Problem[];
}

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

/** The graph that does the same, once; and how often it is sampled for as many pictures as the command asks for. */
export interface CommandReply {
  readonly graph: object;
  readonly batches: number;
  /** What was chosen, taken for granted or not taken, a sentence each. */
  readonly notes: readonly string[];
}

/** The first file of an export's archive: JSON, with what is left out or built in as `notes`, sentences. */
export const exportManifest = "manifest.json";
