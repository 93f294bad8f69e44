/** A real Redis on a port of its own, with nothing in it. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { temporaryFolder } from "./cli.ts";

const program = ["/usr/bin/redis-server", "/usr/local/bin/redis-server"].find(existsSync);

export class TestRedis {
  readonly url: string;
  readonly port: number;
  readonly folder: string;
  readonly #args: readonly string[];
  process: ChildProcess;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.folder = folder;
    this.url = `redis://127.0.0.1:${port}`;
    this.#args = args;
    this.process = this.#spawn();
  }

  /** As it should be set up, unless `args` say otherwise. */
  static async start(...args: readonly string[]): Promise<TestRedis> {
    const redis = new TestRedis(await freePort(), temporaryFolder(), args);
    await redis.#answers();
    return redis;
  }

  /** It is there again, with what it kept. */
  async startAgain(): Promise<void> {
    this.process = this.#spawn();
    await this.#answers();
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const { process } = this;
    if (process.exitCode !== null || process.signalCode !== null) return;
    await new Promise((resolve) => {
      process.once("exit", resolve);
      process.kill(signal);
    });
  }

  #spawn(): ChildProcess {
    if (!program) throw new Error("These tests need Redis: apt-get install redis-server");
    const kept = ["--appendonly", "yes", "--maxmemory-policy", "noeviction", "--save", ""];
    const where = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder];
    return spawn(program, [...where, ...kept, ...this.#args], { stdio: "ignore" });
  }

  async #answers(): Promise<void> {
    for (;;) {
      const isThere = await new Promise<boolean>((resolve) => {
        const socket = connect(this.port, "127.0.0.1", () => resolve(true)).once("error", () => resolve(false));
        socket.once("connect", () => socket.end());
      });
      if (isThere) return;
      if (this.process.exitCode !== null) throw new Error(`redis-server ended with ${this.process.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
