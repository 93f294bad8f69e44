/** Runs a graph in this process, its pictures kept instead of saved, and the time inside the runtime counted. */
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { InferenceSession } from "onnxruntime-common";
import { lastValueFrom, tap } from "rxjs";
import { everyStep, plan, run } from "../../executor/index.ts";
import { type GraphDocument, readDocument, setParameter } from "../../graphs/document/index.ts";
import { nodes } from "../../nodes/index.ts";
import { type BuiltModel, type Provider, withKnown } from "../../runtime/index.ts";
import { type Engine, engine } from "../../server/engine/engine.ts";
import { nativeProvider } from "../../server/providers/native.ts";

/** Milliseconds spent in `session.run`, since the last reset. */
export class RunTime {
  ms = 0;
  reset(): void {
    this.ms = 0;
  }
}

/** A call of a session: its model, and what it was given. */
export interface Call {
  readonly model: BuiltModel;
  readonly feeds: InferenceSession.FeedsType;
}

export interface BenchEngineOptions {
  readonly threads: number;
  /** Folders of models beside the bundled ones. */
  readonly models?: readonly string[];
  readonly time?: RunTime;
  /** Takes every call, in order. */
  readonly calls?: Call[];
}

export function benchEngine({ threads, models = [], time, calls }: BenchEngineOptions): Engine {
  const provider = nativeProvider("cpu", { threads });
  const watched: Provider = {
    ...provider,
    async createSession(model) {
      const session = await provider.createSession(model);
      return watching(session, (feeds, ms) => {
        if (time) time.ms += ms;
        calls?.push({ model, feeds });
      });
    },
  };
  return engine({
    models,
    cache: join(tmpdir(), "guidegraph-bench-cache"),
    environment: {},
    provider: async () => watched,
    say: () => {},
  });
}

function watching(
  session: InferenceSession,
  see: (feeds: InferenceSession.FeedsType, ms: number) => void,
): InferenceSession {
  const bare = session.run.bind(session) as (...args: unknown[]) => Promise<InferenceSession.ReturnType>;
  const watched = async (feeds: InferenceSession.FeedsType, ...args: unknown[]) => {
    const begun = performance.now();
    const result = await bare(feeds, ...args);
    see(feeds, performance.now() - begun);
    return result;
  };
  return Object.assign(Object.create(session), { run: watched }) as InferenceSession;
}

/** An example graph with parameters set, as `--set` does. */
export const example = (name: string, set: Readonly<Record<string, string>> = {}): GraphDocument =>
  Object.entries(set).reduce(
    (document, [target, value]) => setParameter(document, target, value, nodes),
    readDocument(JSON.parse(readFileSync(`graphs/${name}.json`, "utf8"))),
  );

export interface Sampled {
  /** N×H×W×3 bytes of all batches, and the wanted labels. */
  readonly pictures: Uint8Array;
  readonly labels: readonly number[];
  /** Milliseconds of the whole run, sessions already loaded. */
  readonly ms: number;
  /** Of nodes that were not needed in every step, by title: in how many they were, and in how many not. */
  readonly spared: ReadonlyMap<string, { readonly calls: number; readonly skipped: number }>;
}

export async function sample(engine: Engine, document: GraphDocument, batches = 1): Promise<Sampled> {
  const planned = await withKnown(engine, (known) => plan(document, nodes, known));
  const chunks: Uint8Array[] = [];
  const labels: number[] = [];
  const outputs = () => ({
    async measure() {},
    async tensor() {},
    preview() {},
    async png() {},
    async npz(pictures: { data: Uint8Array }, wanted?: { values: readonly number[] }) {
      chunks.push(pictures.data);
      labels.push(...(wanted?.values ?? []));
    },
  });
  const begun = performance.now();
  const spared = new Map<string, { readonly calls: number; readonly skipped: number }>();
  const titles = new Map(everyStep(planned.steps).map(({ path, title }) => [path, title]));
  await lastValueFrom(
    run(planned, { ...engine, outputs }, { batches }).pipe(
      tap((event) => {
        if (event.type !== "node" || event.state !== "done" || !event.skipped) return;
        spared.set(titles.get(event.path) ?? event.path, { calls: event.calls ?? 0, skipped: event.skipped });
      }),
    ),
    { defaultValue: null },
  );
  return { pictures: Buffer.concat(chunks), labels, ms: performance.now() - begun, spared };
}
