/**
 * Models that end the process in which they are run. Twice is no accident: until somebody allows them again, runs with
 * them are refused, so that a queue of such runs does not keep everybody else waiting for one process after the other.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defer, type Observable, tap, throwError } from "rxjs";
import { z } from "zod";
import { type Graph, type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import type { Ports, Registry } from "../../nodes/index.ts";
import { writePieces } from "../files/atomic.ts";
import type { HeldModels, Problem, RunFailure } from "../protocol.ts";
import { RunStopped } from "./run-stopped.ts";

const maxCrashes = 2;

export class Quarantine {
  readonly #path: string;
  readonly #registry: Registry;
  readonly #crashed: Map<string, HeldModels>;

  /** What was held when the server ended is held still. */
  constructor(path: string, registry: Registry) {
    this.#path = path;
    this.#registry = registry;
    this.#crashed = new Map(read(path).map((held) => [held.id, held]));
  }

  get held(): readonly HeldModels[] {
    return [...this.#crashed.values()].filter(isHeld);
  }

  /** Why a graph is not run; undefined when it may be. */
  problem(document: GraphDocument): (Problem & { readonly quarantine: string }) | undefined {
    if (this.held.length === 0) return undefined;
    const held = this.#crashed.get(idOf(this.#models(document)));
    return held && isHeld(held) ? { message: reason(held), quarantine: held.id } : undefined;
  }

  /** A run's events, if it may run. How it ends is remembered of its models. `text`: its document's. */
  guarded<T>(text: string, events$: Observable<T>): Observable<T> {
    let document: GraphDocument | undefined;
    const read = () => {
      document ??= readDocument(JSON.parse(text));
      return document;
    };
    return defer(() => {
      const problem = this.held.length === 0 ? undefined : this.problem(read());
      if (problem) return throwError(() => new RunStopped("failed", { code: "QUARANTINED", message: problem.message }));
      return events$.pipe(
        tap({
          error: (error) => {
            if (error instanceof RunStopped && error.failure && isOwnCrash(error.failure))
              this.#note(read(), error.failure);
          },
          complete: () => {
            if (this.#crashed.size > 0) this.release(idOf(this.#models(read())));
          },
        }),
      );
    });
  }

  /** They are run again, and may crash as often again. False when nothing was held under this id. */
  release(id: string): boolean {
    const was = this.#crashed.delete(id);
    if (was) this.#write();
    return was;
  }

  #note(document: GraphDocument, { signal, message }: RunFailure): void {
    const models = this.#models(document);
    if (models.length === 0) return;
    const id = idOf(models);
    const crashes = (this.#crashed.get(id)?.crashes ?? 0) + 1;
    this.#crashed.set(id, { id, models, crashes, reason: signal ?? message, since: new Date().toISOString() });
    this.#write();
  }

  #models(document: GraphDocument): string[] {
    return [...new Set(modelsIn(document, this.#registry))].sort();
  }

  /** Losing a count is no failure of a run. */
  #write(): void {
    const text = JSON.stringify([...this.#crashed.values()], null, 1);
    writePieces(this.#path, [new TextEncoder().encode(text)]).catch(() => {});
  }
}

const isHeld = ({ crashes }: HeldModels): boolean => crashes >= maxCrashes;

/** When memory is short the system ends whom it likes: that says nothing of a model. */
const isOwnCrash = ({ code, signal }: RunFailure): boolean => code === "WORKER_CRASHED" && signal !== "SIGKILL";

function reason({ models, crashes, reason }: HeldModels): string {
  const names = models.map((model) => `"${model}"`).join(" and ");
  const which = models.length === 1 ? `Runs with ${names}` : `Runs with ${names} together`;
  return `${which} ended their process ${crashes === 2 ? "twice" : `${crashes} times`} (${reason}); allow it again to run it`;
}

const idOf = (models: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(models)).digest("hex").slice(0, 16);

/** Ids of all model files that a graph names, at any depth. */
function modelsIn({ nodes }: Graph, registry: Registry): string[] {
  return nodes.flatMap(({ type, properties, inner }) => {
    const inputs = Object.hasOwn(registry, type) ? Object.entries(registry[type].inputs as Ports) : [];
    const named = inputs.flatMap(([name, { parameter }]) => (parameter?.file === "model" ? [properties[name]] : []));
    const files = named.filter((file): file is string => typeof file === "string" && file !== "");
    return [...files, ...(inner ? modelsIn(inner, registry) : [])];
  });
}

const counts = z.array(
  z.object({ id: z.string(), models: z.array(z.string()), crashes: z.int(), reason: z.string(), since: z.string() }),
);

/** Counts that cannot be read begin anew: a server does not stay away for them. */
function read(path: string): HeldModels[] {
  try {
    return counts.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return [];
  }
}
