/**
 * A plan is what is left of a document when subgraphs are dissolved: nodes in order, and loops whose bodies are planned
 * once. The executor knows definitions and structures, not diffusion. `plan(document, …)` → Plan, `run(plan, …)` →
 * Observable<RunEvent | Preview>: complete is succeeded, error is failed, unsubscribing cancels.
 */
import type {
  AnyNode,
  Context,
  DrawnGraph,
  GraphError,
  Kind,
  Known,
  NumbersEvent,
  OutputEvent,
  Preview,
  Saved,
} from "../nodes/index.ts";

/** Ids from the outermost graph inward: "7/3" is node 3 inside node 7. */
export type Path = string;

/** Where an input's value comes from; `given` is supplied by the loop at `by`: the step, or a carried value. */
export type Source =
  | { readonly from: Path; readonly output: string }
  | { readonly value: unknown; readonly typed?: Typed }
  | { readonly given: string; readonly by: Path };

/** Where a number was typed. */
export interface Typed {
  readonly path: Path;
  readonly title: string;
  readonly port: string;
}

interface Planned {
  readonly path: Path;
  readonly title: string;
  /** Hash of all that the values depend on: type, version, parameters, facts and the keys of the inputs. */
  readonly key: string;
  /** Differs from batch to batch of one run. */
  readonly perBatch: boolean;
  /** Shows or saves (a loop: something inside does), so it is run even when its values are known. */
  readonly effect: boolean;
}

export interface NodeStep extends Planned {
  readonly is: "node";
  readonly definition: AnyNode;
  readonly inputs: Readonly<Record<string, Source>>;
  /** Facts of the outputs, as `infer` gave them. */
  readonly facts: Readonly<Record<string, object>>;
  /** What it leaves on the disk. */
  readonly saves?: Saved;
}

export interface LoopStep extends Planned {
  readonly is: "loop";
  readonly schedule: Source;
  /** "down" T−1 … 0, "up" 0 … T−1, or a list of indices: see `indices`. */
  readonly order: Source;
  /** Of a loop inside another, wherever it runs: its number among all that lie in the outermost one, which tells their draws apart. */
  readonly inner?: number;
  /** How many steps that makes, where it is known before anything runs. */
  readonly count?: number;
  /** First and last index, inclusive; −1 for the ends of the schedule. */
  readonly start: Source;
  readonly stop: Source;
  /**
   * Body steps that depend on nothing this loop gives, only on what a loop around it gives: run once before its steps.
   * What depends on no loop at all is lifted out to the plan's own steps.
   */
  readonly once: readonly PlanStep[];
  readonly each: readonly PlanStep[];
  /** Values that go from one step to the next; without `first` the value is absent in the first step. */
  readonly carried: Readonly<Record<string, { readonly first?: Source; readonly next: Source }>>;
  /** Values of the last step, beside those carried. */
  readonly outputs: Readonly<Record<string, Source>>;
}

/**
 * The part of a Differentiate's graph that leads from its variable to what is differentiated, which runs as one. What is asked
 * of it are outputs of its nodes, by their own paths, and the gradient, by the path of the Differentiate.
 */
export interface DrawnStep extends Planned {
  readonly is: "drawn";
  readonly graph: DrawnGraph;
  /** The value of the variable, and what is known of it. */
  readonly by: Source;
  readonly facts: object;
  /** By their number in the graph. */
  readonly outside: readonly OutsideValue[];
  readonly outputs: readonly StepOutput[];
}

/** A value from outside, what is known of it, and the parameter that it is, which is held to its range. */
export interface OutsideValue {
  readonly source: Source;
  readonly facts: object;
  readonly path: Path;
  readonly port: string;
}

export interface StepOutput {
  readonly from: Path;
  readonly output: string;
  readonly kind: Kind;
  readonly facts: object;
}

export type PlanStep = NodeStep | LoopStep | DrawnStep;

export interface Plan {
  readonly steps: readonly PlanStep[];
  /** What must be run or known at the end: nodes with an effect, or the wanted ones. */
  readonly targets: readonly Path[];
  /** The paths of nodes that run at once, in sets: they ask networks in the same step of a loop (`together.ts`). */
  readonly together?: readonly (readonly Path[])[];
  /** What will run, and may not be meant. */
  readonly notes?: readonly GraphError[];
  /** Subgraphs and reroutes are gone from the steps; these are what their outputs stand for, by path and name. */
  readonly dissolved?: Readonly<Record<Path, Readonly<Record<string, Source>>>>;
}

/** What the planner knows of files, gathered beforehand. Throws a GraphError for what is missing or does not fit. */
export type KnownModels = Pick<Known, "network" | "image" | "tensor">;

/** What a run asks of its surroundings; the executor hands each node a Context made from it. */
export interface World extends Omit<Context, "signal" | "batch" | "outputs"> {
  /**
   * Runs nodes that ask networks and need nothing of each other, and may answer together what they ask before they return. Rejects
   * as the first of them that fails. Absent: one after the other. `heard` is awaited between two that are answered one after the
   * other: it rejects where nobody wants the answers any more, and whoever is not answered yet rejects with that.
   */
  together?(asks: readonly (() => Promise<void>)[], heard: () => Promise<void>): Promise<void>;
  /** Where the pictures and files of the node at `path` go in one batch; `emit` tells the run's reader of them. */
  outputs(path: Path, batch: Context["batch"], emit: (event: OutputEvent | Preview) => void): Context["outputs"];
}

export type NodeState =
  /** skipped: no node that ran needed it. */
  | { readonly state: "running" | "cached" | "skipped" }
  | {
      readonly state: "done";
      /** 0 of what is drawn with a Differentiate, whose time is one. */
      readonly ms: number;
      /** Of one in a loop, or drawn in one, that was not needed in every step: in how many it was, and in how many not. */
      readonly calls?: number;
      readonly skipped?: number;
      /** What of that may not be meant, in a sentence. */
      readonly note?: string;
    }
  | { readonly state: "failed"; readonly port?: string; readonly message: string };

export type NodeEvent = { readonly type: "node"; readonly path: Path } & NodeState;

/** A loop has taken a step: number `index` of `count`, from 0 in the order they are taken. */
export interface StepEvent {
  readonly type: "step";
  readonly path: Path;
  readonly index: number;
  readonly count: number;
  readonly ms: number;
}

/** Batch `index` of `count`, from 0, is done, and what it saved is kept. Of a run of one batch nobody is told. */
export interface BatchEvent {
  readonly type: "batch";
  readonly index: number;
  readonly count: number;
  readonly ms: number;
  /** Nothing of it was computed: all that it saves was known, and its time is no rate. */
  readonly cached?: true;
  /** How many it drew, where who tells of it knows: the executor does not. */
  readonly pictures?: number;
}

export type RunEvent = NodeEvent | StepEvent | BatchEvent | OutputEvent | NumbersEvent;
