/**
 * What a file says otherwise than we would write it: keys that we do not know, an older form of a place, a list that is null.
 * Nobody here understands it and nobody may lose it, so it travels beside what was understood, on graphs, nodes, slots, links
 * and groups, and is written again wherever nothing else has come in its place.
 */
import { canonical } from "./canonical.ts";

export type Json = Readonly<Record<string, unknown>>;

/** By key: what the file said where we would write `was`; each is absent where there is nothing. Or what differs within. */
export interface Kept {
  readonly [key: string]: { readonly was?: unknown; readonly raw?: unknown } | { readonly within: Kept };
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How `raw`, plain data, differs from what we would write; undefined where it does not. */
export function keptOf(raw: Json, written: Json, except: ReadonlySet<string> = nothing): Kept | undefined {
  const keys = new Set([...Object.keys(raw), ...Object.keys(written)]);
  const entries = [...keys].flatMap((key): [string, Kept[string]][] => {
    const [is, was] = [raw[key], written[key]];
    if (except.has(key) || isSame(is, was)) return [];
    const within = isObject(is) && isObject(was) ? keptOf(is, was) : undefined;
    return [[key, within ? { within } : { ...(was !== undefined && { was }), ...(is !== undefined && { raw: is }) }]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
const nothing: ReadonlySet<string> = new Set();

/** What is written, as the file had it: but where something else would be written by now, that. */
export function withKept(written: Json, kept: Kept | undefined): Json {
  if (!kept) return written;
  const next: Record<string, unknown> = { ...written };
  for (const [key, other] of Object.entries(kept)) {
    const now = next[key];
    if ("within" in other) {
      if (isObject(now)) next[key] = withKept(now, other.within);
    } else if (isSame(now, other.was)) {
      if (other.raw === undefined) delete next[key];
      else next[key] = structuredClone(other.raw);
    }
  }
  return next;
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (typeof a === "object" && typeof b === "object" && canonical(a) === canonical(b));
