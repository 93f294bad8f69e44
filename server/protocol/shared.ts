/** What several messages have in common. */
import * as z from "zod";

/** A schema for each key of a type: one that is forgotten or too many does not compile. */
export type Fields<T> = { readonly [K in keyof T]-?: z.ZodType<Required<T>[K]> };

export const runId = z.string().min(1).max(64);
export const ms = z.number().min(0);
export const count = z.int().min(0);

/** A problem of a graph or a request: the reply to everything that is refused is `{ errors: Problem[] }`. */
export interface Problem {
  readonly message: string;
  readonly node?: string;
  readonly port?: string;
  /** Of a run whose models are held: what to allow with DELETE /api/quarantine/:id. */
  readonly quarantine?: string;
}
