/**
 * What a file says otherwise than we would write it: keys that we do not know, an older form of a place, a list that is null.
 * Nobody here understands it and nobody may lose it, so it travels beside what was understood, on graphs, nodes, slots, links
 * and groups, and is written again wherever nothing else has come in its place.
 */
export type Json = Readonly<Record<string, unknown>>;

/** By key: what the file said where we would write `was`; each is absent where there is nothing. Or what differs within. */
export interface Kept {
  readonly [key: string]: { readonly was?: unknown; readonly raw?: unknown } | { readonly within: Kept };
}

export const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How `raw`, plain data, differs from what we would write; undefined where it does not. */
export function keptOf(raw: Json, written: Json, except: ReadonlySet<string> = nothing): Kept | undefined {
  let kept: Record<string, Kept[string]> | undefined;
  const compare = (key: string): void => {
    const [is, was] = [raw[key], written[key]];
    if (except.has(key) || isSame(is, was)) return;
    const within = isObject(is) && isObject(was) ? keptOf(is, was) : undefined;
    kept ??= {};
    kept[key] = within ? { within } : { ...(was !== undefined && { was }), ...(is !== undefined && { raw: is }) };
  };
  for (const key of Object.keys(raw)) compare(key);
  for (const key of Object.keys(written)) if (!Object.hasOwn(raw, key)) compare(key);
  return kept;
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

/** The same data, whatever the order of its keys; a key that is undefined is none. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((one, i) => isSame(one, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  return (
    Object.keys(a).every((key) => isSame(a[key], b[key])) &&
    Object.keys(b).every((key) => b[key] === undefined || Object.hasOwn(a, key))
  );
}
