/**
 * Models that end the process in which they are run, and files that end the process that looks at them. Twice is no
 * accident: until somebody allows them again, they are refused, so that a queue of such runs does not keep everybody else
 * waiting for one process after the other.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { defer, type Observable, tap, throwError } from "rxjs";
import * as z from "zod";
import { type Graph, type GraphDocument, readDocument } from "../../graphs/document/index.ts";
import type { Ports, Registry } from "../../nodes/index.ts";
import { RunStopped } from "../devices/run-stopped.ts";
import { writePieces } from "../files/atomic.ts";
import type { HeldModels, Problem, RunFailure } from "../protocol.ts";

const maxCrashes = 2;

type HeldProblem = Problem & { readonly quarantine: string };

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
  problem(document: GraphDocument): HeldProblem | undefined {
    if (this.held.length === 0) return undefined;
    const files = namedIn(document, this.#registry, ["model", "image", "tensor"]);
    return this.#problemOf([idOf(this.#models(document)), ...files.map(idOfFile)]);
  }

  /** Why a file is not looked at; undefined when it may be. */
  problemOf(file: string): HeldProblem | undefined {
    return this.#problemOf([idOfFile(file)]);
  }

  #problemOf(ids: readonly string[]): HeldProblem | undefined {
    const held = ids.map((id) => this.#crashed.get(id)).find((one) => one && isHeld(one));
    return held && { message: reason(held), quarantine: held.id };
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
              this.noteGraph(read(), error.failure.signal ?? error.failure.message);
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

  /** The models of a graph, together, ended a process. */
  noteGraph(document: GraphDocument, how: string): void {
    const models = this.#models(document);
    if (models.length > 0) this.#note(idOf(models), models, how);
  }

  /** A file ended the process that looked at it. */
  noteFile(file: string, how: string): void {
    this.#note(idOfFile(file), [file], how);
  }

  #note(id: string, models: readonly string[], reason: string): void {
    const crashes = (this.#crashed.get(id)?.crashes ?? 0) + 1;
    this.#crashed.set(id, { id, models, crashes, reason, since: new Date().toISOString() });
    this.#write();
  }

  #models(document: GraphDocument): string[] {
    return [...new Set(namedIn(document, this.#registry, ["model"]))].sort();
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

function reason({ id, models, crashes, reason }: HeldModels): string {
  const times = crashes === 2 ? "twice" : `${crashes} times`;
  if (id === idOfFile(models[0]))
    return `Looking at "${models[0]}" failed ${times}: it ${reason}; allow it again to look at it`;
  const names = models.map((model) => `"${model}"`).join(" and ");
  const which = models.length === 1 ? `Runs with ${names}` : `Runs with ${names} together`;
  return `${which} ended their process ${times} (${reason}); allow it again to run it`;
}

const idOf = (models: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(models)).digest("hex").slice(0, 16);

/** Of a file by itself, whichever graphs name it. */
const idOfFile = (file: string): string => idOf(["look", file]);

/** Ids of all files of these kinds that a graph names, at any depth. */
function namedIn({ nodes }: Graph, registry: Registry, kinds: readonly string[]): string[] {
  return nodes.flatMap(({ type, properties, inner }) => {
    const inputs = Object.hasOwn(registry, type) ? Object.entries(registry[type].inputs as Ports) : [];
    const named = inputs.flatMap(([name, { parameter }]) =>
      kinds.includes(parameter?.file ?? "") ? [properties[name]] : [],
    );
    const files = named.filter((file): file is string => typeof file === "string" && file !== "");
    return [...files, ...(inner ? namedIn(inner, registry, kinds) : [])];
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
