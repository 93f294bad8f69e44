import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../../server/doctor/finding.ts";
import { installation } from "../../../server/doctor/installation.ts";
import { temporaryFolder } from "../../support/cli.ts";

test("where no process can be started that is said, and nothing waits for one", async () => {
  const found: Finding[] = [];
  const data = temporaryFolder();
  const nullDevice = join(data, "null");
  for await (const finding of installation({ data, backend: "cpu", models: [], nullDevice })) found.push(finding);
  expect(found.filter(({ state }) => state === "fault")).toEqual([
    {
      state: "fault",
      check: "processes",
      message: `There is no ${nullDevice}, and without it no process can be started: neither backend nor models were looked at`,
      todo: "mount /dev, or: mknod -m 666 /dev/null c 1 3",
    },
  ]);
  expect(found.map(({ check }) => check)).toEqual(["node", "memory", "processes", "disk"]);
});
