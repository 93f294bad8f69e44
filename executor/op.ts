/** What an evaluator is made of, and what it is given. */
import type { Preview, ValueOf } from "../nodes/index.ts";
import type { Values } from "./cache.ts";
import type { Asker } from "./demand.ts";
import type { Path, PlanStep, RunEvent, World } from "./types.ts";

/** Looks at a value without its node knowing; in a loop, at every step. What `see` returns is shown on the node. */
export interface Watch {
  readonly path: Path;
  /** An output of the node or subgraph; of a loop, a carried value, seen after each step. */
  readonly output: string;
  /** Somebody asked for it: it is there to see, also in what would be taken from the cache. */
  readonly asked?: boolean;
  see(value: unknown, at: Position): ValueOf<"image"> | undefined;
}

export interface Position {
  readonly batch: number;
  /** Number of the step of the innermost loop around it, from 0, and how many there are. */
  readonly index?: number;
  readonly count?: number;
}

/** A step of the plan made ready. `execute` returns a promise only where a node did. */
export interface Op extends Asker {
  readonly step: PlanStep;
  readonly body: readonly Op[];
  /** What its runs came to. */
  readonly spent: Spent;
  execute(): Promise<void> | undefined;
  /** Its outputs, until they are released; `restore` gives it those of another run. */
  result(): Values;
  restore(values: Values): void;
}

/** Milliseconds, in how many calls, and how often it was its turn and nobody needed it. */
export interface Spent {
  ms: number;
  calls: number;
  skipped: number;
  /** In how many calls its gradient was 0 everywhere. */
  flat: number;
  /** Of what it draws: in how many of its calls each node was needed, where it chooses. */
  readonly drawn: Map<Path, number>;
}

/** Counts a call whose gradient came out 0 everywhere, whichever node made it. */
export function countFlat(spent: Spent, gradients: readonly unknown[]): void {
  const isZero = ({ data }: ValueOf<"tensor">): boolean => data.every((value) => value === 0);
  if (gradients.some((gradient) => gradient !== undefined && isZero(gradient as ValueOf<"tensor">))) spent.flat++;
}

export const notSpent = (): Spent => ({ ms: 0, calls: 0, skipped: 0, flat: 0, drawn: new Map() });

/** Of what needs all that it reads. */
export const eager = { lazy: [], needs: () => [] } as const;

/** A watch, and the output of a step of the plan that it comes down to. */
export interface Watching {
  readonly watch: Watch;
  readonly path: Path;
  readonly output: string;
}

export interface Surroundings {
  readonly world: World;
  readonly signal: AbortSignal;
  readonly watch: readonly Watching[];
  /** What runs whoever reads it. */
  readonly targets: readonly Path[];
  /** Told of each value that is looked at. */
  saw(path: Path, output: string, value: unknown): void;
  emit(event: RunEvent | Preview): void;
}

/** Thrown between two nodes when nobody wants the result any more. */
export class Cancelled extends Error {
  override readonly name = "Cancelled";
}
