import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { lastValueFrom, of, throwError } from "rxjs";
import { expect, test, vi } from "vitest";
import { readDocument } from "../../../graphs/document/index.ts";
import { nodes } from "../../../nodes/index.ts";
import { RunStopped } from "../../../server/devices/run-stopped.ts";
import { Quarantine } from "../../../server/runs/quarantine.ts";
import { temporaryFolder } from "../../support/cli.ts";

const graph = JSON.stringify({
  nodes: [{ id: 1, type: "guidegraph/load-unet", properties: { file: "deadly.pt" } }],
  links: [],
});
const crash = new RunStopped("failed", { code: "WORKER_CRASHED", signal: "SIGSEGV", message: "It ended" });

async function crashTwice(quarantine: Quarantine): Promise<void> {
  for (let i = 0; i < 2; i++)
    await expect(
      lastValueFrom(
        quarantine.guarded(
          graph,
          throwError(() => crash),
        ),
      ),
    ).rejects.toBe(crash);
}

test("Quarantine holds models that ended their process twice, until they are released", async () => {
  const quarantine = new Quarantine(join(temporaryFolder(), "quarantine.json"), nodes);
  await crashTwice(quarantine);
  expect(quarantine.held).toMatchObject([{ models: ["deadly.pt"], crashes: 2, reason: "SIGSEGV" }]);
  await expect(lastValueFrom(quarantine.guarded(graph, of(1)))).rejects.toThrow(/"deadly.pt" ended their process/);
  expect(quarantine.release(quarantine.held[0].id)).toBe(true);
  expect(await lastValueFrom(quarantine.guarded(graph, of(1)))).toBe(1);
});

test("Quarantine holds after a restart what it held before", async () => {
  const path = join(temporaryFolder(), "quarantine.json");
  const quarantine = new Quarantine(path, nodes);
  await crashTwice(quarantine);
  await vi.waitUntil(() => new Quarantine(path, nodes).held.length > 0);
  expect(new Quarantine(path, nodes).held).toEqual(quarantine.held);
});

test.each(["{}", "[null]", '[{ "id": 3 }]', "null", "[", ""])("Quarantine begins anew where its file is %s", (text) => {
  const path = join(temporaryFolder(), "quarantine.json");
  writeFileSync(path, text);
  const quarantine = new Quarantine(path, nodes);
  expect(quarantine.held).toEqual([]);
  expect(quarantine.problem(readDocument(graph))).toBeUndefined();
  expect(readFileSync(path, "utf8")).toBe(text);
});
