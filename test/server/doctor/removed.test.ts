import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removed } from "../../../server/doctor/removed.ts";
import { takeDataFolder } from "../../../server/files/data-folder.ts";
import { temporaryFolder } from "../../support/cli.ts";

test.skipIf(process.platform !== "linux")("a folder that was removed below its server is a fault", async () => {
  const data = join(temporaryFolder(), "data");
  const { release } = await takeDataFolder(data);
  expect([...removed(data)]).toEqual([]);
  rmSync(data, { recursive: true });
  const message = expect.stringContaining(`Process ${process.pid} is a server of ${data}, which was removed`);
  const fault = { state: "fault", check: "folder", message, todo: expect.stringContaining("start the server anew") };
  expect([...removed(data)]).toEqual([fault]);
  mkdirSync(data);
  expect([...removed(data)]).toEqual([fault]);
  release();
});
