/**
 * Which handles are loaded: not those that are only drawn, with what a Differentiate holds, or looked at for their facts. And who
 * made each, for what is found wrong with it later.
 */
import { type Handle, HandleError, type Port, type Ports, traitsOf } from "../nodes/index.ts";
import type { Values } from "./cache.ts";
import { everyStep, outputKey, sourcesOf } from "./step.ts";
import { handlesAsked } from "./together.ts";
import type { NodeStep, Path, Plan, PlanStep, Source } from "./types.ts";

/** Loads what the outputs of a step are handles of, where a node asks it, or nobody reads it. */
export class Loading {
  /** By output: whether some reader asks it. */
  readonly #asked = new Map<string, boolean>();
  /** Outputs that are asked together with others only. */
  readonly #together: ReadonlySet<string>;
  readonly #makers = new WeakMap<object, Path>();

  constructor({ steps, together = [] }: Plan) {
    const all = everyStep(steps);
    const paths = new Set(together.flat());
    this.#together = new Set(all.flatMap((step) => (paths.has(step.path) ? handlesAsked(step as NodeStep) : [])));
    for (const step of all)
      for (const [source, asks] of readsOf(step)) {
        if (!("from" in source)) continue;
        const key = outputKey(source.from, source.output);
        if (asks || !this.#asked.has(key)) this.#asked.set(key, asks);
      }
  }

  /** Undefined where it gives no handles. */
  of({ path, definition }: NodeStep): ((values: Values) => Promise<void>) | undefined {
    const names = Object.entries<Port>(definition.outputs).flatMap(([output, { kind }]) =>
      traitsOf(kind)?.handle ? [output] : [],
    );
    if (names.length === 0) return undefined;
    return async (values) => {
      for (const name of names) {
        const handle = values[name] as Handle | undefined;
        // One that is only handed on was made before.
        if (handle && !this.#makers.has(handle)) this.#makers.set(handle, path);
        const key = outputKey(path, name);
        if (this.#asked.get(key) !== false) await handle?.load?.(this.#together.has(key));
      }
    };
  }

  /** Where it is wrong, if that is with a handle. */
  placeOf(error: unknown): Path | undefined {
    return error instanceof HandleError ? this.#makers.get(error.handle) : undefined;
  }
}

/** What a step reads by itself, and whether it may ask what is behind it. */
function readsOf(step: PlanStep): (readonly [Source, boolean])[] {
  if (step.is !== "node") return sourcesOf(step).map((source) => [source, step.is === "loop"]);
  const ports = step.definition.inputs as Ports;
  return Object.entries(step.inputs).map(([name, source]) => [source, !ports[name]?.factsAlone]);
}
