/** Runs ops whose inputs are there: one, those that run at once, or a list of them in order. */
import type { Demand } from "./demand.ts";
import { errorAt } from "./errors.ts";
import { macrotask } from "./macrotask.ts";
import { Cancelled, type Op, type Surroundings } from "./op.ts";
import type { Turn } from "./together.ts";

/** A cancel that arrives as a message is heard only when the engine gets to it; nodes that return at once must let it. */
const breathMs = 50;

export class OpRunner {
  readonly #around: Pick<Surroundings, "world" | "signal">;
  #breath = performance.now();

  constructor(around: Pick<Surroundings, "world" | "signal">) {
    this.#around = around;
  }

  /** Throws a GraphError with the path of the node that failed. */
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
    if (performance.now() - this.#breath > breathMs) await this.#breathe();
    if (this.#around.signal.aborted) throw new Cancelled();
    if (ops.length === 1) return execute(ops[0]);
    const { together = inTurn } = this.#around.world;
    // How long each of those took that run at the same time nobody can tell: their time is shared out.
    let [running, most] = [0, 0];
    const timed = (op: Op) => async () => {
      most = Math.max(most, ++running);
      await execute(op, () => most).finally(() => running--);
    };
    await together(ops.map(timed));
  }

  async #breathe(): Promise<void> {
    await macrotask();
    this.#breath = performance.now();
  }
}

/** `among`: so many run in the same time. */
async function execute({ step, execute, spent }: Op, among = () => 1): Promise<void> {
  const started = performance.now();
  try {
    const pending = execute();
    if (pending) await pending;
  } catch (error) {
    throw error instanceof Cancelled ? error : errorAt(step.path, error);
  }
  spent.ms += (performance.now() - started) / among();
  spent.calls++;
}

async function inTurn(asks: readonly (() => Promise<void>)[]): Promise<void> {
  for (const ask of asks) await ask();
}
