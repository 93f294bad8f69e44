/**
 * Which nodes of a loop's step run at once: those that ask networks, run in every step, and need nothing of each other. Whoever
 * is asked may then answer them together, as a graphics card does in one session.
 *
 * So that no network need be held twice for it, one that is asked together with others is asked so wherever it is asked: else
 * all those are left to be asked one by one.
 */
import { groupBy } from "../graphs/document/index.ts";
import { type Ports, traitsOf } from "../nodes/index.ts";
import { type Asker, Demand, lazyInputs } from "./demand.ts";
import { slots } from "./slots.ts";
import { endsOf, everyStep, outputKey, outputsOf, sourcesOf } from "./step.ts";
import { StepUses } from "./step-uses.ts";
import type { NodeStep, Path, Plan, PlanStep } from "./types.ts";

/** By key of the output: the handles that a node asks for what is behind them. Of one that hands on another there are none. */
export function handlesAsked({ definition, inputs }: NodeStep): readonly string[] {
  const { inputs: ports, outputs } = definition as { readonly inputs: Ports; readonly outputs: Ports };
  if (Object.values(outputs).some(({ kind }) => traitsOf(kind)?.handle)) return [];
  return Object.entries(inputs).flatMap(([name, source]) => {
    const port = ports[name];
    return port && traitsOf(port.kind)?.handle && !port.factsAlone && "from" in source
      ? [outputKey(source.from, source.output)]
      : [];
  });
}

const asks = (step: PlanStep): step is NodeStep => step.is === "node" && handlesAsked(step).length > 0;

/**
 * A list in an order that brings together what may run at once, if anything may: each step after what it needs, and those that
 * ask networks as late as those that need their answers let them.
 */
export function broughtTogether(list: readonly PlanStep[]): readonly PlanStep[] {
  const turns = turnsIn(list);
  const asking = list.filter(asks).map((step) => turns.get(step));
  if (new Set(asking).size === asking.length) return list;
  return [...list].sort((a, b) => turns.get(a)! - turns.get(b)!);
}

/** 2n for what needs n networks to be asked one after the other before it, one more for what asks then. */
function turnsIn(list: readonly PlanStep[]): ReadonlyMap<PlanStep, number> {
  const makers = new Map<string, PlanStep>();
  const turns = new Map<PlanStep, number>();
  for (const step of list) {
    let before = 0;
    for (const source of everyStep([step]).flatMap(sourcesOf)) {
      const maker = "from" in source ? makers.get(outputKey(source.from, source.output)) : undefined;
      if (maker) before = Math.max(before, Math.ceil(turns.get(maker)! / 2));
    }
    turns.set(step, 2 * before + (asks(step) ? 1 : 0));
    for (const key of outputsIn(step)) makers.set(key, step);
  }
  return turns;
}

const outputsIn = (step: PlanStep): string[] =>
  step.is === "loop"
    ? endsOf(step).map(([name]) => outputKey(step.path, name))
    : outputsOf(step).map(({ from, output }) => outputKey(from, output));

/** The paths of the nodes that run at once, each set in the order of its list. */
export function togetherIn({ steps, targets }: Pick<Plan, "steps" | "targets">): readonly (readonly Path[])[] {
  const uses = new StepUses(slots());
  const all = everyStep(steps);
  const sets = all.flatMap((step) => (step.is === "loop" ? setsIn(step.each, uses.ends(step), uses, targets) : []));
  const handlesOf = (set: readonly NodeStep[]) => set.flatMap(handlesAsked).sort();
  const alike = [...groupBy(sets, (set) => handlesOf(set).join("\n")).values()];
  const asked = counts(all.filter(asks).flatMap(handlesAsked));
  const isAlways = (those: readonly (readonly NodeStep[])[]) =>
    [...counts(those.flatMap(handlesOf))].every(([handle, times]) => times === asked.get(handle));
  return alike.filter(isAlways).flatMap((those) => those.map((set) => set.map(({ path }) => path)));
}

function setsIn(
  list: readonly PlanStep[],
  ends: readonly number[],
  uses: StepUses,
  targets: readonly Path[],
): readonly (readonly NodeStep[])[] {
  const demand = new Demand(
    list.map((step) => uses.of(step)),
    ends,
    targets,
  );
  const turns = turnsIn(list);
  const sure = list.filter((_, i) => demand.isSure(i)).filter(asks);
  const whole = sure.filter((step) => lazyInputs(step).length === 0);
  return [...groupBy(whole, (step) => turns.get(step)).values()].filter(({ length }) => length > 1);
}

/** What takes one turn of a list: one op, or those that run at once. */
export interface Turn<T> extends Asker {
  readonly ops: readonly T[];
}

/** A list by turns: what runs at once has the place of the first of it. */
export function turnsOf<T extends Asker>(list: readonly T[], { together = [] }: Pick<Plan, "together">): Turn<T>[] {
  const setOf = new Map(together.flatMap((set) => set.map((path) => [path, set])));
  return [...groupBy<T, unknown>(list, ({ step }) => setOf.get(step.path) ?? step).values()].map((ops) => {
    const [{ step, lazy, needs }] = ops;
    const all = (slots: "reads" | "writes") => (ops.length === 1 ? ops[0][slots] : ops.flatMap((op) => op[slots]));
    return { step, lazy, needs: () => needs(), reads: all("reads"), writes: all("writes"), ops };
  });
}

function counts(keys: readonly string[]): ReadonlyMap<string, number> {
  const counted = new Map<string, number>();
  for (const key of keys) counted.set(key, (counted.get(key) ?? 0) + 1);
  return counted;
}
