/** A process whose place another takes, but for one that is asked once. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { WorkerOptions } from "../../../server/channel/messages.ts";
import { Worker } from "../../../server/supervisor/worker.ts";
import { temporaryFolder } from "../../support/cli.ts";

test("one that is asked once is given up when it ends twice before it begins, and whoever waits is told", async () => {
  const folder = temporaryFolder();
  const node = join(folder, "dies.mjs");
  writeFileSync(node, "process.exit(3);\n");
  const options: WorkerOptions = {
    ...{ models: [], images: [], nodes: [node], cache: folder, backend: "cpu", threads: 1 },
    ...{ hidden: [], room: { folder, bytes: 2 ** 20 } },
  };
  const lines: string[] = [];
  const worker = new Worker(options, { is: "exporter", isOnce: true, say: (line) => lines.push(line) });
  await expect(worker.ask("images", null)).rejects.toMatchObject({
    reason: "unavailable",
    message: "The exporter ended twice before it began (status 3): the server's log says more; try again",
  });
  expect(lines.filter((line) => line === "The exporter ended (status 3)")).toHaveLength(2);
  await worker.close();
});
