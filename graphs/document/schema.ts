/**
 * The serialised form of litegraph 0.7 and of the litegraphs after it, as strictly as their files allow. Keys that are not named
 * here are kept as they are (`kept.ts`), and so is a look in a form that we do not know; `limits` has bounded depth and size
 * before a schema sees the data.
 */
import * as z from "zod";
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
  name: z.string().nullish(),
  /** A list is of all kinds that fit, or of the choices of a field. */
  type: z.union([z.string(), z.number(), z.array(z.unknown())]).nullish(),
  label: z.unknown().optional(),
  link: z.int().nullish(),
  links: z.array(z.int()).nullish(),
});

export const node = z.object({
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
  flags: z.unknown().optional(),
  color: z.unknown().optional(),
  bgcolor: z.unknown().optional(),
  boxcolor: z.unknown().optional(),
  shape: z.unknown().optional(),
});

const index = z.int().min(0);
export const link = z.union([
  z.tuple([id, id, index, id, index], z.unknown()),
  z
    .object({ id, origin_id: id, origin_slot: index, target_id: id, target_slot: index })
    .transform(
      ({ id, origin_id: from, origin_slot: output, target_id: to, target_slot: input }) =>
        [id, from, output, to, input] as [number, number, number, number, number],
    ),
]);

const group = z.object({
  title: z.string().nullish(),
  bounding: z.preprocess(
    (value) => (ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number>) : value),
    z.tuple([coordinate, coordinate, coordinate, coordinate]),
  ),
  color: z.unknown().optional(),
  font_size: z.unknown().optional(),
});

const about = z.object({
  format: z.int().min(0),
  id: z.string().min(1).max(64).optional(),
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
