/** Lines for people, where nobody reads them. */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { packageRoot } from "../../../server/files/package-root.ts";

const module = pathToFileURL(join(packageRoot, "dist", "server", "cli", "standard-error.js")).href;

test("a pipe that is not read costs a constant, holds up nothing, and is told what was lost when it is read again", async () => {
  const script = `
    import { standardError } from ${JSON.stringify(module)};
    const err = standardError();
    for (let i = 0; i < 50_000; i++) err("x".repeat(999) + "\\n");
    process.send({ waiting: process.stderr.writableLength });
    process.stderr.once("drain", () => { err("after\\n"); process.disconnect(); });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", script], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const { waiting } = await new Promise<{ waiting: number }>((resolve) =>
    child.once("message", (message) => resolve(message as { waiting: number })),
  );
  expect(waiting).toBeLessThan(1.1 * 2 ** 20);
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (more) => {
    text += more;
  });
  await new Promise((resolve) => child.once("close", resolve));
  expect(text.slice(-200)).toMatch(/\n\d+ lines before this are lost: nobody read them\nafter\n$/);
});

test.runIf(process.platform === "linux")("a disk that is full ends nothing", async () => {
  const script = `
    import { standardError } from ${JSON.stringify(module)};
    process.stderr.on("error", () => {});
    const err = standardError();
    for (let i = 0; i < 10; i++) err("a line\\n");
    setTimeout(() => process.exit(7), 50);
  `;
  const command = `exec "$0" --input-type=module --eval "$1" 2>/dev/full`;
  const child = spawn("sh", ["-c", command, process.execPath, script], { stdio: "ignore" });
  expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(7);
});
