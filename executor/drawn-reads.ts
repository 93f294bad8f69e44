/** What a Differentiate reads from outside of it, by number: some of it in any case, some as the numbers say that decide its choices. */
import { type DrawnWish, neededOf, outsideOf } from "../nodes/index.ts";
import { wishesOf } from "./seen.ts";
import type { DrawnStep } from "./types.ts";

export interface DrawnReads {
  /** `deciding` are among them. */
  readonly sure: ReadonlySet<number>;
  readonly deciding: ReadonlySet<number>;
  readonly perhaps: readonly number[];
}

/** `wishes`: what is asked of it; absent: what its plan asks. */
export function drawnReads(step: DrawnStep, wishes: readonly DrawnWish[] = plannedWishes(step)): DrawnReads {
  const { graph } = step;
  const typed = typedOf(step);
  const all = neededOf(graph, wishes, typed);
  const deciding = outsideOf(graph, all, true);
  const sure = new Set([...outsideOf(graph, neededOf(graph, wishes, typed, true)), ...deciding]);
  return { sure, deciding, perhaps: [...outsideOf(graph, all)].filter((index) => !sure.has(index)) };
}

/** The values from outside that are typed, by number. */
export const typedOf = ({ outside }: DrawnStep): unknown[] =>
  outside.map(({ source }) => ("value" in source ? source.value : undefined));

const plannedWishes = ({ path, outputs }: DrawnStep): DrawnWish[] =>
  wishesOf(
    path,
    outputs.map(({ from, output }) => ({ of: from, output })),
  );
