/** What was begun in one precision goes on in that, on whichever device "auto" would come to another, or it does not go on. */
import { lastValueFrom, tap } from "rxjs";
import { expect, test } from "vitest";
import type { Cache, RunEvent, Values } from "../../../executor/index.ts";
import type { Preview } from "../../../nodes/index.ts";
import type { ComputedIn, Precision, Provider } from "../../../runtime/index.ts";
import { readGraph, withSettings } from "../../../server/cli/read-graph.ts";
import { OtherPrecision, planDocument, runDocument } from "../../../server/engine/documents.ts";
import { engine } from "../../../server/engine/engine.ts";
import { computedInName, OutputFolder } from "../../../server/files/output-folder.ts";
import { nativeProvider } from "../../../server/providers/native.ts";
import { temporaryFolder, testCache } from "../../support/cli.ts";

const cpu = { name: "cpu", fp16: false } as const;
const card = { name: "cuda", fp16: true } as const;
const without = { name: "webgpu", fp16: false, noHalf: "it has no shader-f16" } as const;

type Given = Pick<Provider, "name" | "fp16" | "noHalf"> & Partial<Provider>;
const nothingIsDrawn = { flavour: "cpu", createSession: () => Promise.reject(new Error("Nothing is drawn")) } as const;

/** What is chosen for a short run of the demo's networks, or why it does not go on, and what it saves. */
async function run(
  flags: string,
  given: Given,
  precision: Precision,
  begun?: ComputedIn,
  cache: Cache = new Map<string, Values>(),
) {
  const provider = async (): Promise<Provider> => ({ ...nothingIsDrawn, ...given });
  const opened = engine({ cache: testCache, environment: {}, precision, provider });
  const short = ["Wanted shape.classes=3", "Diffusion Schedule.timestep_respacing=ddim2"];
  const set = [`Load UNet.flags=${flags}`, ...short];
  const graph = await withSettings(await readGraph("guided-ddim"), set, opened.registry);
  const folder = temporaryFolder();
  const chosen = new Map<string, string | number>(begun ? [[computedInName, begun]] : []);
  const choose = async <T extends string | number>(name: string, is: T): Promise<T> => {
    if (!chosen.has(name)) chosen.set(name, is);
    return chosen.get(name) as T;
  };
  const files = new OutputFolder(folder, { folder, kept: { spools: {}, numbers: {}, gathered: {} }, choose });
  const run$ = runDocument(opened, await planDocument(opened, graph), files, { batches: 2, cache });
  const saved: string[] = [];
  const saw = tap((event: RunEvent | Preview) => event.type === "output" && saved.push(event.sha256));
  const why = await lastValueFrom(run$.pipe(saw)).catch((error: Error) => error);
  await files.close();
  await opened.networks.close();
  return { is: why instanceof OtherPrecision ? why.message : chosen.get(computedInName), saved };
}

const asks = "--use_fp16 True";
const cases: readonly (readonly [
  [flags: string, given: Given, precision: Precision, begun?: ComputedIn],
  string | RegExp,
])[] = [
  [[asks, card, "auto"], "float16"],
  [["", card, "auto", "float32"], "float32"],
  [[asks, cpu, "auto"], "float32"],
  [[asks, cpu, "auto", "float16"], "float16"],
  [[asks, card, "auto", "float32"], "float32"],
  [
    [asks, without, "auto", "float16"],
    /^What is done of this run was computed in float16, and webgpu cannot \(it has no shader-f16\)\. .* --backend cpu/,
  ],
];

test.each(cases)("%j", async (given, is) => {
  expect((await run(...given)).is).toEqual(typeof is === "string" ? is : expect.stringMatching(is));
});

test("its pictures are those of that precision, whatever the same process computed of it before", async () => {
  const here = nativeProvider("cpu", { threads: 1 });
  const half = await run(asks, here, "half");
  const cache = new Map<string, Values>();
  const float = await run(asks, here, "auto", undefined, cache);
  const followed = await run(asks, here, "auto", "float16", cache);
  // The document that a picture carries is the same; of the NPZ, what it says of its precision too.
  expect(followed.saved).toEqual(half.saved);
  expect(followed.saved[0]).not.toBe(float.saved[0]);
});
