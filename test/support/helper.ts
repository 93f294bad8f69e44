/** `guidegraph worker` in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { packageRoot } from "../../server/files/package-root.ts";
import { temporaryFolder, testCache } from "./cli.ts";
import { onOneThread } from "./one-thread.ts";

export interface HelperOptions {
  readonly redis: string;
  readonly server?: string;
  readonly token?: string;
  readonly data?: string;
  readonly args?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  /** Another program than the command line's, from the root of the package. */
  readonly program?: string;
}

export class TestHelper {
  readonly process: ChildProcess;
  readonly data: string;
  /** Lines of stderr. */
  readonly log: readonly string[];

  private constructor(process: ChildProcess, data: string, log: readonly string[]) {
    this.process = process;
    this.data = data;
    this.log = log;
  }

  /** Rejects with what it says when it does not begin. */
  static async start({
    redis,
    server,
    token,
    data = temporaryFolder(),
    args = [],
    environment,
    program = "server/guidegraph.mjs",
  }: HelperOptions): Promise<TestHelper> {
    const main = join(packageRoot, program);
    const where = [...(server === undefined ? [] : ["--server", server]), "--data", data, "--cache", testCache];
    const backend = args.includes("--devices") ? [] : ["--backend", "cpu"];
    const help = onOneThread(["worker", "--redis", redis, ...where, ...backend, ...args]);
    const child = spawn(process.execPath, [main, ...help], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment, ...(token !== undefined && { GUIDEGRAPH_TOKEN: token }) },
    });
    const log: string[] = [];
    child.stderr.setEncoding("utf8").on("data", (text: string) => log.push(...text.split("\n").filter(Boolean)));
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("exit", () => reject(new Error(log.join("\n"))));
    });
    return new TestHelper(child, data, log);
  }

  async kill(signal: NodeJS.Signals): Promise<number | null> {
    const { process } = this;
    if (process.exitCode === null && process.signalCode === null)
      await new Promise((resolve) => {
        process.once("exit", resolve);
        process.kill(signal);
      });
    return process.exitCode;
  }
}
