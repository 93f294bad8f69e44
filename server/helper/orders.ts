/** What the shards of a run are drawn from. They come one after the other, so that it is fetched once and kept for a while. */
import { InCommon } from "../files/in-common.ts";
import type { Exchange } from "../shards/exchange.ts";
import { type HelperSign, hashOf, mismatch, type Order, order } from "../shards/shard.ts";

/** Of so many runs. */
const ordersKept = 4;

export class Orders {
  readonly #exchange: Pick<Exchange, "order">;
  readonly #about: Pick<HelperSign, "version" | "protocol">;
  readonly #kept = new Map<string, Order>();
  readonly #fetching = new InCommon<Order>();

  /** `about`: this machine, which takes no order of another version. */
  constructor(exchange: Pick<Exchange, "order">, about: Pick<HelperSign, "version" | "protocol">) {
    this.#exchange = exchange;
    this.#about = about;
  }

  /** By its hash. Rejects with why it is none for this machine. */
  async of(hash: string, signal: AbortSignal): Promise<Order> {
    const known = this.#kept.get(hash) ?? (await this.#fetching.wait(hash, (end) => this.#fetch(hash, end), signal));
    this.#kept.set(hash, known);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > ordersKept) this.#kept.delete(oldest);
    return known;
  }

  async #fetch(hash: string, signal: AbortSignal): Promise<Order> {
    const text = await this.#exchange.order(hash, signal);
    if (hashOf(text) !== hash) throw new Error("An order is not what its hash says");
    const read = order.parse(JSON.parse(text));
    const problem = mismatch(read, this.#about);
    if (problem !== undefined) throw new Error(`It takes no shards: ${problem}`);
    return read;
  }
}
