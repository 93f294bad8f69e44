/**
 * What passes through Redis between a server and the machines that help it: shards of runs and signs of life, never a picture
 * and never a graph. Who can write there is not trusted: everything is held to these schemas by whoever reads it.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { computedIns } from "../../runtime/index.ts";
import { type RunFailure, runFailure } from "../protocol.ts";

/** The version of all this. Another version of GuideGraph may draw other bytes, so that one is told beside it. */
export const protocol = 6;

/** All keys begin so: a user of Redis need see no others. */
export const prefix = "guidegraph";
export const queueName = "shards";
export const keys = {
  /** The server: `sign` of the one that there is, for `leaseMs`. */
  server: `${prefix}:server`,
  /** The helpers' ids, and what each says of itself. */
  helpers: `${prefix}:helpers`,
  helper: (id: string) => `${prefix}:helper:${id}`,
  /** Runs that are over, by when: what is drawn of them is of no use. */
  over: `${prefix}:over`,
  /** Shards whose results have come, by when: whoever is at one still draws it in vain. */
  came: `${prefix}:came`,
  /** Who is at a shard: the id of a helper, for `leaseMs`. */
  drawing: (shard: string) => `${prefix}:drawing:${shard}`,
};

/** So often both sides give a sign of life, and hear what is over: a cancelled run is let go of within two seconds. */
export const signMs = 750;
/** Who is silent for so long is gone. A process that was stopped, or a thread that was blocked, comes back. */
export const leaseMs = 15_000;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);
const name = z.string().min(1).max(200);
const runName = z.string().min(1).max(64);

/**
 * Batches of a run, from the first to before the last, as a job: `order` says of which graph. Until the first result has come
 * nobody knows in which precision the run is computed.
 */
export const shard = z.strictObject({
  run: runName,
  order: sha256,
  from: count,
  to: count,
  computedIn: z.enum(computedIns).exactOptional(),
});
export type Shard = z.infer<typeof shard>;

/** By whom it is for and what it makes: the same wherever and however often it is drawn, and another in each run. */
export const keyOf = ({ run, order, from, to, computedIn }: Shard): string =>
  hashOf(JSON.stringify([run, order, from, to, computedIn]));
export const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");

/** As people count batches: from 1, the last included. */
export const batchesText = ({ from, to }: Pick<Shard, "from" | "to">): string =>
  to - from === 1 ? `batch ${to}` : `batches ${from + 1} to ${to}`;

/**
 * What became of a shard: its result is put, it is of no use any more, another machine is at it, this machine cannot draw it, or it
 * failed as a run fails.
 */
export const outcome = z.union([
  z.strictObject({ state: z.enum(["put", "over", "elsewhere"]) }),
  z.strictObject({ state: z.literal("refused"), why: z.string().max(500) }),
  z.strictObject({ state: z.literal("failed"), failure: runFailure }),
]);
export type Outcome = z.infer<typeof outcome>;
/** The progress of one whose machine is silent, and that another draws. */
export const again = "again";
export type { RunFailure };

/** A file that a graph names, by content; `id` is its path below the folders of models, or of pictures and arrays. */
const orderedFile = z.strictObject({
  of: z.enum(["models", "images"]),
  id: z.string().min(1).max(1_024),
  sha256,
  bytes: count,
});
export type OrderedFile = z.infer<typeof orderedFile>;

/** All that a shard is drawn from; known by the hash of its text. */
export const order = z.strictObject({
  /** Two runs of one graph each have their order, which goes with its run. */
  run: runName,
  version: name,
  protocol: z.literal(protocol),
  /** The text of the document, its models held to their hashes. */
  graph: z.string(),
  targets: z.array(z.string()).optional(),
  /** Of the whole run. */
  batches: z.int().min(2),
  /** How many pictures a batch draws, where that is known. */
  pictures: count.optional(),
  /** Of all that the pictures depend on (engine/samples.ts): a machine that comes to another would draw others. */
  identity: name,
  files: z.array(orderedFile),
});
export type Order = z.infer<typeof order>;

/** What a server says of itself. */
export const serverSign = z.strictObject({ id: name, version: name, protocol: z.int() });
export type ServerSign = z.infer<typeof serverSign>;

/** What a helper says of itself; strings are its own words. */
export const helperSign = z.strictObject({
  id: name,
  /** The machine. */
  name,
  version: name,
  protocol: z.int(),
  devices: z
    .array(
      z.strictObject({
        name,
        backend: z.string().max(20).optional(),
        /** What it draws, and how many batches of it are done. */
        at: z.strictObject({ run: z.string().max(64), from: count, to: count, done: count }).optional(),
      }),
    )
    .max(64),
  /** Shards that are put, and that failed, since it started. */
  done: count,
  failed: count,
  /** Pictures in an hour, of its last shard, of all its devices. */
  hourly: z.number().min(0).optional(),
  /** Runs of which it draws nothing now, and why. */
  refuses: z
    .array(z.strictObject({ run: runName, why: z.string().max(500) }))
    .max(100)
    .optional(),
  /** Why it takes nothing now. */
  idle: z.string().max(1_000).optional(),
});
export type HelperSign = z.infer<typeof helperSign>;

/** What a helper says last. */
export const leaving = "it leaves";

/** Undefined for what is none. */
export function signIn<T>(schema: z.ZodType<T>, text: string | null | undefined): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text ?? "")).data;
  } catch {
    return undefined;
  }
}

/** Why two sides that are not the same do nothing together, in words for both; undefined where they do. */
export function mismatch(
  server: Pick<ServerSign, "version" | "protocol">,
  helper: Pick<HelperSign, "version" | "protocol">,
): string | undefined {
  if (server.version === helper.version && server.protocol === helper.protocol) return undefined;
  const told = ({ version, protocol }: typeof server) => `GuideGraph ${version} (protocol ${protocol})`;
  return `the server is ${told(server)}, the worker ${told(helper)}, and they may draw different pictures: install one version on both`;
}
