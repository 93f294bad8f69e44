/**
 * litegraph 0.7's serialised form, as strictly as its own files allow. Keys that are not named here are not copied;
 * `limits` has bounded depth and size before a schema sees the data.
 */
import { z } from "zod";
import { limits } from "./limits.ts";

const id = z.int().min(0).max(limits.id);
const coordinate = z.number().min(-1e7).max(1e7);

/** A point is an array, or what JSON makes of a Float32Array: {"0": x, "1": y}. */
const point = z.preprocess(
  (value) => (isIndexed(value) ? [value[0], value[1]] : value),
  z.tuple([coordinate, coordinate]),
);
const isIndexed = (value: unknown): value is { 0: unknown; 1: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && "0" in value && "1" in value;

const slot = z.object({
  name: z.string(),
  type: z.union([z.string(), z.number()]).nullish(),
  label: z.string().nullish(),
  link: z.int().nullish(),
  links: z.array(z.int()).nullish(),
});

const flags = z.object({ collapsed: z.boolean().optional(), pinned: z.boolean().optional() });

const node = z.object({
  id,
  type: z.string().min(1),
  title: z.string().nullish(),
  mode: z.literal([0, 1, 2, 3, 4]).nullish(),
  properties: z.record(z.string(), z.unknown()).nullish(),
  inputs: z.array(slot).nullish(),
  outputs: z.array(slot).nullish(),
  get subgraph(): z.ZodOptional<z.ZodNullable<typeof graph>> {
    return graph.nullish();
  },
  pos: point.nullish(),
  size: point.nullish(),
  flags: flags.nullish(),
  color: z.string().nullish(),
  bgcolor: z.string().nullish(),
  boxcolor: z.string().nullish(),
  shape: z.int().nullish(),
});

const link = z.tuple([id, id, z.int().min(0), id, z.int().min(0)], z.unknown());

const group = z.object({
  title: z.string().nullish(),
  bounding: z.preprocess(
    (value) => (ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value),
    z.tuple([coordinate, coordinate, coordinate, coordinate]),
  ),
  color: z.string().nullish(),
  font_size: z.number().nullish(),
});

const about = z.object({
  format: z.int().min(0),
  title: z.string().optional(),
  description: z.string().optional(),
  versions: z.record(z.string(), z.int().min(1)).optional(),
  library: z.object({ name: z.string(), version: z.int().min(1), hash: z.string() }).optional(),
});

export const graph = z.object({
  nodes: z.array(node),
  links: z.array(link).nullish(),
  groups: z.array(group).nullish(),
  extra: z.object({ guidegraph: about.optional() }).nullish(),
});

export type SerialisedGraph = z.infer<typeof graph>;
export type SerialisedNode = z.infer<typeof node>;
export type SerialisedLink = z.infer<typeof link>;
