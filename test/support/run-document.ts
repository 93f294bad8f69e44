/** Runs a document on the processor, as the command line does, and keeps what it saves in memory. */
import type { Tensor } from "../../diffusion/index.ts";
import { type Position, plan, run } from "../../executor/index.ts";
import type { GraphDocument } from "../../graphs/document/index.ts";
import { nodes, type Registry } from "../../nodes/index.ts";
import { runOutputs, withKnown } from "../../runtime/index.ts";
import { type Engine, engine } from "../../server/engine/engine.ts";
import { nativeProvider } from "../../server/providers/native.ts";
import { testCache } from "./cli.ts";
import { memoryStore } from "./memory-store.ts";

export const testEngine = (
  typed: readonly string[] = [],
  models: readonly string[] = [],
  images: readonly string[] = [],
): Engine =>
  engine({
    typed,
    models,
    images,
    cache: testCache,
    environment: {},
    provider: async () => nativeProvider("cpu", { threads: 1 }),
    say() {},
  });

export interface Ran {
  /** The loop's x after each step. */
  readonly steps: readonly Tensor[];
  readonly files: ReadonlyMap<string, Uint8Array>;
}

export async function runDocument(
  document: GraphDocument,
  engine: Engine = testEngine(),
  registry: Registry = nodes,
): Promise<Ran> {
  const planned = await withKnown(engine, (known) => plan(document, registry, known));
  const loop = planned.steps.find((step) => step.is === "loop");
  const steps: Tensor[] = [];
  // The loop's result is seen once more when it has ended.
  const see = (value: unknown, { index }: Position) => {
    if (index !== undefined) steps.push(value as Tensor);
    return undefined;
  };
  const files = new Map<string, Uint8Array>();
  const outputs = runOutputs(memoryStore(files), "{}");
  const world = { ...engine, outputs: outputs.of };
  const watch = loop ? [{ path: loop.path, output: "x", see }] : [];
  await new Promise<void>((complete, error) => {
    run(planned, world, { watch }).subscribe({ complete, error });
  });
  await outputs.finish(() => {});
  return { steps, files };
}
