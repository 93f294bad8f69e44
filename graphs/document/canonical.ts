import { allAtOnce, type Pieces } from "./pieces.ts";

/** Plain data as text that does not depend on the order in which keys were added. */
export const canonical = (value: unknown): string => allAtOnce(canonicalInPieces(value));

/** The same, in pieces: an object or a list each. */
export function* canonicalInPieces(value: unknown): Pieces<string> {
  if (!isComposed(value)) return textOf(value);
  const parts: string[] = [];
  if (Array.isArray(value)) {
    for (const inner of value) parts.push(isComposed(inner) ? yield* canonicalInPieces(inner) : textOf(inner));
    yield;
    return `[${parts.join(",")}]`;
  }
  for (const key of Object.keys(value).sort()) {
    const inner = (value as Record<string, unknown>)[key];
    if (inner === undefined) continue;
    parts.push(`${JSON.stringify(key)}:${isComposed(inner) ? yield* canonicalInPieces(inner) : textOf(inner)}`);
  }
  yield;
  return `{${parts.join(",")}}`;
}

const isComposed = (value: unknown): value is object => typeof value === "object" && value !== null;
const textOf = (value: unknown): string => JSON.stringify(value) ?? "null";
