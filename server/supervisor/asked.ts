/** The questions to a process that wait for their reply. */
import { type Question, type Reply, type Row, schemasOf } from "../channel/questions.ts";
import type { Problem } from "../protocol.ts";
import { Refusal } from "../refusal.ts";

interface Waiting {
  readonly reply: Row<unknown, unknown>["reply"];
  readonly resolve: (value: unknown) => void;
  readonly reject: (refusal: Refusal) => void;
}

export class Asked {
  readonly #waiting = new Map<number, Waiting>();
  #count = 0;

  /** `send` is given the number under which the reply will come. */
  ask<Q extends Question>(question: Q, send: (id: number) => void): Promise<Reply<Q>> {
    const id = this.#count++;
    return new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { reply: schemasOf(question).reply, resolve, reject });
      send(id);
    }) as Promise<Reply<Q>>;
  }

  /** False when it is no reply to its question. One that nobody waits for any more is passed over. */
  answer(id: number, value: unknown): boolean {
    const waiting = this.#waiting.get(id);
    const reply = waiting?.reply.safeParse(value);
    if (!waiting || !reply) return true;
    if (!reply.success) return false;
    this.#waiting.delete(id);
    waiting.resolve(reply.data);
    return true;
  }

  refuse(id: number, problems: readonly Problem[]): void {
    this.#waiting.get(id)?.reject(new Refusal("unfit", problems));
    this.#waiting.delete(id);
  }

  /** The process is gone, and with it what it was asked. */
  end(): void {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of all) reject(new Refusal("unavailable", "The worker ended before it answered; try again"));
  }
}
