/** Runs ops whose inputs are there: one, those that run at once, or a list of them in order. */
import type { Demand } from "./demand.ts";
import { errorAt } from "./errors.ts";
import { macrotask } from "./macrotask.ts";
import { Cancelled, type Op, type Surroundings } from "./op.ts";
import type { Turn } from "./together.ts";
import type { Path, World } from "./types.ts";

/** A cancel that arrives as a message is heard only when the engine gets to it; nodes that return at once must let it. */
const breathMs = 50;

export class OpRunner {
  readonly #around: Pick<Surroundings, "world" | "signal">;
  readonly #placeOf: (error: unknown) => Path | undefined;
  #breath = performance.now();

  /** `placeOf`: which node an error is told at, where that is not the one that ran into it. */
  constructor(around: Pick<Surroundings, "world" | "signal">, placeOf: (error: unknown) => Path | undefined) {
    this.#around = around;
    this.#placeOf = placeOf;
  }

  /** Throws a GraphError with the path of the node that is at fault. */
  run(op: Op): Promise<void> {
    return this.#take([op]);
  }

  /** In order, those that wait when they are asked for; `release` lets go of values after each. */
  async runList(
    demand: Demand<Turn<Op>>,
    released: readonly (readonly number[])[],
    release: (slots: readonly number[]) => void,
  ): Promise<void> {
    const { list, waiting } = demand;
    const done = new Set<number>();
    for (let i = 0; i < list.length; i++) {
      if (waiting.length === 0) await this.#take(list[i].ops);
      else if (demand.isSure(i)) for (const one of demand.upTo(i, done)) await this.#take(list[one].ops);
      release(released[i]);
    }
    for (const i of waiting) if (!done.has(i)) for (const { spent } of list[i].ops) spent.skipped++;
  }

  /** One op, or those that run at once. */
  async #take(ops: readonly Op[]): Promise<void> {
    const heard = () => this.#heard();
    await heard();
    if (ops.length === 1) return this.#execute(ops[0]);
    const { together = inTurn } = this.#around.world;
    const before = ops.map(({ spent }) => spent.ms);
    const started = performance.now();
    let [running, most] = [0, 0];
    const counted = (op: Op) => async () => {
      most = Math.max(most, ++running);
      await this.#execute(op).finally(() => running--);
    };
    await together(ops.map(counted), heard);
    if (most === 1) return;
    // How long each took of those that ran in the same time nobody can tell: each is said to have taken an even part.
    const each = (performance.now() - started) / ops.length;
    for (const [i, { spent }] of ops.entries()) spent.ms = before[i] + each;
  }

  async #execute({ step, execute, spent }: Op): Promise<void> {
    const started = performance.now();
    try {
      const pending = execute();
      if (pending) await pending;
    } catch (error) {
      throw error instanceof Cancelled ? error : errorAt(this.#placeOf(error) ?? step.path, error);
    }
    spent.ms += performance.now() - started;
    spent.calls++;
  }

  /** Throws where nobody wants the result any more. */
  async #heard(): Promise<void> {
    if (performance.now() - this.#breath > breathMs) {
      await macrotask();
      this.#breath = performance.now();
    }
    if (this.#around.signal.aborted) throw new Cancelled();
  }
}

/** What runs at once where the world has no way of its own. */
const inTurn: NonNullable<World["together"]> = async (asks, heard) => {
  for (const ask of asks) {
    await heard();
    await ask();
  }
};
