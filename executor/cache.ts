/** Values of earlier runs, by the key of what made them. Whoever runs plans says how long they are kept, and what they weigh. */

export interface Cache {
  get(key: string): Values | undefined;
  set(key: string, values: Values): void;
}

/** A node's outputs by name. */
export type Values = Readonly<Record<string, unknown>>;

/** What a value's own fields take beside its arrays. */
const overhead = 256;

/** Bytes of the typed arrays within a value. Handles (a model, a schedule) count as little: what they hold is not ours. */
export function bytesOf(value: unknown, depth = 0): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value === "string") return 2 * value.length;
  if (typeof value !== "object" || value === null || depth > 4) return 8;
  return Object.values(value).reduce((sum: number, inner) => sum + bytesOf(inner, depth + 1), overhead);
}
