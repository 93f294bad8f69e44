/** What was begun in one precision does not go on in another, whichever device "auto" comes to it on. */
import { lastValueFrom } from "rxjs";
import { expect, test } from "vitest";
import type { ComputedIn, Precision, Provider } from "../../../runtime/index.ts";
import { readGraph, withSettings } from "../../../server/cli/read-graph.ts";
import { OtherPrecision, planDocument, runDocument } from "../../../server/engine/documents.ts";
import { engine } from "../../../server/engine/engine.ts";
import { computedInName, OutputFolder } from "../../../server/files/output-folder.ts";
import { temporaryFolder, testCache } from "../../support/cli.ts";

const cpu = { name: "cpu", fp16: false } as const;
const card = { name: "cuda", fp16: true } as const;

/** What is chosen for a run of the demo's networks, or why it does not go on, where nothing can be loaded. */
async function goingOn(
  flags: string,
  given: Pick<Provider, "name" | "fp16">,
  precision: Precision,
  begun?: ComputedIn,
) {
  const createSession = () => Promise.reject(new Error("Nothing is drawn"));
  const provider = async (): Promise<Provider> => ({ ...given, flavour: "cpu", createSession });
  const opened = engine({ cache: testCache, environment: {}, precision, provider });
  const graph = await withSettings(await readGraph("guided-ddim"), [`Load UNet.flags=${flags}`], opened.registry);
  const folder = temporaryFolder();
  const chosen = new Map<string, string | number>(begun ? [[computedInName, begun]] : []);
  const choose = async <T extends string | number>(name: string, is: T): Promise<T> => {
    if (!chosen.has(name)) chosen.set(name, is);
    return chosen.get(name) as T;
  };
  const files = new OutputFolder(folder, { folder, kept: { spools: {}, numbers: {}, gathered: {} }, choose });
  const run$ = runDocument(opened, await planDocument(opened, graph), files, { batches: 2 });
  const why = await lastValueFrom(run$).catch((error: Error) => error);
  return why instanceof OtherPrecision ? why.message : chosen.get(computedInName);
}

const asks = "--use_fp16 True";
const cases: readonly (readonly [Parameters<typeof goingOn>, string | RegExp])[] = [
  [[asks, card, "auto"], "float16"],
  [["", card, "auto", "float32"], "float32"],
  [
    [asks, cpu, "auto", "float16"],
    /that are done were computed in float16, and on this device \(cpu\) .* in float32: /,
  ],
  [
    [asks, card, "auto", "float32"],
    /that are done were computed in float32, and on this device \(cuda\) .* in float16: /,
  ],
];

test.each(cases)("%j", async (given, is) => {
  expect(await goingOn(...given)).toEqual(typeof is === "string" ? is : expect.stringMatching(is));
});
