/**
 * A plan is what is left of a document when subgraphs are dissolved: nodes in order, and loops whose bodies are planned
 * once. The executor knows definitions and structures, not diffusion. `plan(document, …)` → Plan, `run(plan, …)` →
 * Observable<RunEvent | Preview>: complete is succeeded, error is failed, unsubscribing cancels.
 */

import type { Pictures } from "../diffusion/index.ts";
import type { AnyNode, Context } from "../nodes/index.ts";

/** Ids from the outermost graph inward: "7/3" is node 3 inside node 7. */
export type Path = string;

/** Where an input's value comes from; `given` is supplied by the enclosing loop (step, or a carried value). */
export type Source =
  | { readonly from: Path; readonly output: string }
  | { readonly value: unknown }
  | { readonly given: string };

export interface NodeStep {
  readonly is: "node";
  readonly path: Path;
  readonly definition: AnyNode;
  readonly inputs: Readonly<Record<string, Source>>;
  /** Facts of the outputs, as `infer` gave them. */
  readonly facts: Readonly<Record<string, object>>;
}

export interface LoopStep {
  readonly is: "loop";
  readonly path: Path;
  readonly schedule: Source;
  /** Indices run T−1 … 0, 0 … T−1, or through a given list. */
  readonly order: Source;
  /** Body steps that depend on nothing the loop gives: run once. */
  readonly once: readonly PlanStep[];
  readonly each: readonly PlanStep[];
  /** Values that go from one step to the next; without `first` the value is absent in the first step. */
  readonly carried: Readonly<Record<string, { readonly first?: Source; readonly next: Source }>>;
  readonly outputs: Readonly<Record<string, Source>>;
}

export type PlanStep = NodeStep | LoopStep;

export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly targets: readonly Path[];
}

/** What a run asks of its surroundings; the executor hands each node a Context made from it. */
export interface World extends Omit<Context, "signal" | "outputs"> {
  outputs(path: Path): Context["outputs"];
}

/** The only kind that may be dropped; never numbered. */
export interface Preview {
  readonly type: "preview";
  readonly path: Path;
  readonly index?: number;
  readonly pictures: Pictures;
}

export type NodeState =
  | { readonly state: "running" | "cached" }
  | { readonly state: "done"; readonly ms: number }
  | { readonly state: "failed"; readonly port?: string; readonly message: string };

export type RunEvent =
  | ({ readonly type: "node"; readonly path: Path } & NodeState)
  | {
      readonly type: "step";
      readonly path: Path;
      readonly index: number;
      readonly count: number;
      readonly ms: number;
    }
  | {
      readonly type: "output";
      readonly path: Path;
      readonly name: string;
      readonly mime: string;
      readonly sha256: string;
    };
