/** Values of earlier runs by content key. Bounded by the bytes of the arrays in them; the least recently used go first. */
export class Cache {
  readonly #values = new Map<string, { readonly value: Values; readonly bytes: number }>();
  #bytes = 0;

  constructor(readonly maxBytes = 512 * 1024 * 1024) {}

  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): Values | undefined {
    const held = this.#values.get(key);
    if (!held) return undefined;
    this.#values.delete(key);
    this.#values.set(key, held);
    return held.value;
  }

  /** Keeps a node's outputs. What is larger than the whole cache is not kept. */
  set(key: string, value: Values): void {
    const bytes = bytesOf(value);
    this.#drop(key);
    if (bytes > this.maxBytes) return;
    this.#values.set(key, { value, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.maxBytes) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#values.get(key)?.bytes ?? 0;
    this.#values.delete(key);
  }
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
