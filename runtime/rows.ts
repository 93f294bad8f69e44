/** An array that comes batch by batch and is never held as a whole: its rows lie in a spool until the last is there. */
import type { NpyType, NpzStream } from "./codecs/index.ts";
import { bytesOf } from "./codecs/npy.ts";
import type { Place, Spool, Store } from "./store.ts";

export class Rows {
  readonly #type: NpyType;
  /** Of a row. */
  readonly #dims: readonly number[];
  readonly #spool: Spool;

  private constructor(type: NpyType, dims: readonly number[], spool: Spool) {
    this.#type = type;
    this.#dims = dims;
    this.#spool = spool;
  }

  /** `name`: of the array, among those of all nodes of the run. */
  static async open(store: Store, name: string, type: NpyType, dims: readonly number[]): Promise<Rows> {
    return new Rows(type, dims, await store.spool(name));
  }

  /** Throws a RangeError for rows of another shape than those before. */
  async add(bytes: Uint8Array, dims: readonly number[], { batch, at }: Place): Promise<void> {
    if (dims.join("×") !== this.#dims.join("×"))
      throw new RangeError(`Cannot save values of ${dims.join("×")} beside values of ${this.#dims.join("×")}`);
    await this.#spool.append(bytes, { batch, at: at === undefined ? undefined : at * this.width });
  }

  /** Bytes of a row. */
  get width(): number {
    return this.#dims.reduce((product, dim) => product * dim, bytesOf(this.#type));
  }

  /** The first `limit` rows (0: all), or as many as there are. */
  async array(limit = 0): Promise<NpzStream> {
    const { width } = this;
    const there = (await this.#spool.size()) / width;
    const count = limit > 0 ? Math.min(limit, there) : there;
    return { type: this.#type, dims: [count, ...this.#dims], read: () => this.#spool.read(count * width) };
  }
}
