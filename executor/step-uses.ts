/** What the steps of a plan read and write, by the numbers of slots, for whoever goes through a plan without running it. */
import { type Asker, lazyInputs } from "./demand.ts";
import { drawnReads } from "./drawn-reads.ts";
import type { Slots } from "./slots.ts";
import { bodyOf, endsOf, outputsOf, sourcesOf } from "./step.ts";
import type { LoopStep, PlanStep } from "./types.ts";

export class StepUses {
  readonly #slots: Slots;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** As if every condition asked for all that it may. */
  of(step: PlanStep): Asker {
    return {
      ...{ step, reads: this.#reads(step, false), lazy: this.#reads(step, true), writes: this.#writes(step) },
      needs: () => [],
    };
  }

  /** What is read after its body. */
  ends(step: LoopStep): number[] {
    return endsOf(step).map(([, end]) => this.#slots.of(end));
  }

  /** What a step reads in any case, or what it may read beside. */
  #reads(step: PlanStep, isLazy: boolean): number[] {
    if (step.is === "node") {
      const lazy = lazyInputs(step);
      return Object.entries(step.inputs).flatMap(([name, source]) =>
        lazy.includes(name) === isLazy ? [this.#slots.of(source)] : [],
      );
    }
    if (step.is === "drawn") {
      const { perhaps } = drawnReads(step);
      const outside = step.outside.filter((_, index) => perhaps.includes(index) === isLazy);
      return [...(isLazy ? [] : [step.by]), ...outside.map(({ source }) => source)].map((source) =>
        this.#slots.of(source),
      );
    }
    if (isLazy) return [];
    const inside = bodyOf(step).flatMap((inner) => [...this.#reads(inner, false), ...this.#reads(inner, true)]);
    return [...sourcesOf(step).map((source) => this.#slots.of(source)), ...inside];
  }

  #writes(step: PlanStep): number[] {
    if (step.is !== "loop") return outputsOf(step).map(({ from, output }) => this.#slots.output(from, output));
    return endsOf(step).map(([name]) => this.#slots.output(step.path, name));
  }
}
