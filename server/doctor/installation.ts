/** Whether what is installed here can run graphs: Node, a backend, models, room. */
import { fork } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, statfs } from "node:fs/promises";
import { devNull, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { machineMemory, toMeasure, unmeasured } from "../engine/machine-memory.ts";
import { packageRoot, packageVersion, programAt } from "../files/package-root.ts";
import { cards, cardText } from "../providers/cards.ts";
import { type Backend, useCpu } from "../providers/choose.ts";
import type { DeviceChoice } from "../providers/device-list.ts";
import { wasmRefusal } from "../providers/wasm.ts";
import { Worker } from "../supervisor/worker.ts";
import { sizeText } from "../units.ts";
import { type Finding, fault, note, ok, warning } from "./finding.ts";

export interface InstallationOptions {
  readonly data: string;
  readonly backend: Backend;
  /** Each is tried; absent: the backend alone. */
  readonly devices?: readonly DeviceChoice[] | undefined;
  /** Folders with models, as a server is given them. */
  readonly models: readonly string[];
  /** What processes read that are given nothing to read. */
  readonly nullDevice?: string;
}

export async function* installation({
  data,
  backend,
  devices,
  models,
  nullDevice = devNull,
}: InstallationOptions): AsyncGenerator<Finding> {
  yield node();
  yield note("memory", `${sizeText(machineMemory())} of memory`);
  const without = unmeasured();
  if (without !== undefined) yield warning("memory", without, toMeasure);
  const withoutProcesses = cannotStart(nullDevice);
  if (withoutProcesses) {
    yield withoutProcesses;
    yield await room(data);
    return;
  }
  for (const card of await cards()) yield note("card", `${card.name}: ${cardText(card)}`);
  for (const choice of devices ?? [{ name: undefined, backend }]) yield* backendWorks(choice);
  yield* readable([...models, ...(existsSync(join(data, "models")) ? [join(data, "models")] : [])]);
  yield await room(data);
}

/** Node starts no process without it, and says so in no way that whoever waits for the process would hear. */
function cannotStart(nullDevice: string): Finding | undefined {
  if (process.platform === "win32" || existsSync(nullDevice)) return undefined;
  return fault(
    "processes",
    `There is no ${nullDevice}, and without it no process can be started: neither backend nor models were looked at`,
    "mount /dev, or: mknod -m 666 /dev/null c 1 3",
  );
}

function node(): Finding {
  const { engines } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  const [least, is] = [engines.node, process.version].map((text: string) =>
    /(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number),
  );
  const isOld = least && is && (is[0] < least[0] || (is[0] === least[0] && is[1] < least[1]));
  const what = `GuideGraph ${packageVersion()} on Node ${process.version.slice(1)}`;
  return isOld ? fault("node", what, `install Node ${engines.node.replace(">=", "")} or newer`) : ok("node", what);
}

/** A backend that starts wrongly may hang, or end its process. */
const probeMs = 60_000;
const probe = programAt("doctor/probe");

type Tried = Pick<DeviceChoice, "name" | "backend" | "device">;

interface Probed {
  readonly name: string;
  readonly reason?: string;
  readonly said: readonly string[];
  readonly ms: number;
  /** What it says of half precision, where that is known. */
  readonly half?: string;
}

async function* backendWorks({ name, backend, device }: Tried): AsyncGenerator<Finding> {
  const args = [backend, ...(device === undefined ? [] : [String(device)])];
  const what = (backend: string) => (name === undefined ? `Backend ${backend}` : `Device ${name}`);
  const child = fork(probe, args, { stdio: ["ignore", "ignore", "ignore", "ipc"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), probeMs);
  const probed = await new Promise<Probed | string>((resolve) => {
    child.once("message", (message) => resolve(message as Probed));
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`its process ended (${signal ?? `status ${code}`})`));
  });
  clearTimeout(timer);
  const todo = instead(backend);
  if (typeof probed === "string") yield fault("backend", `${what(backend)} does not start: ${probed}`, todo);
  else if (probed.reason) {
    const reason = probed.reason.replace(useCpu, "");
    const told = reason.startsWith(what(probed.name)) ? reason : `${what(probed.name)} does not run a model: ${reason}`;
    yield fault("backend", told, todo);
  } else {
    for (const line of probed.said) yield note("backend", line);
    const half = probed.half === undefined ? "" : `, ${probed.half}`;
    yield ok("backend", `${what(probed.name)} runs a model (${Math.round(probed.ms)} ms)${half}`);
  }
}

/** What runs where a backend does not: the processor for the others; where that does not either, what is built for any. */
function instead(backend: Backend): string {
  if (backend !== "cpu" && backend !== "auto") return "use --backend cpu";
  const anew = "npm ci, on a system that onnxruntime-node is built for";
  return wasmRefusal() === undefined ? `${anew}; or --backend wasm` : anew;
}

/** Looked at as a server does: in a process that they may end, and with nothing remembered. */
async function* readable(models: readonly string[]): AsyncGenerator<Finding> {
  const missing = models.filter((path) => !existsSync(path));
  for (const path of missing)
    yield fault("models", `There is no folder ${path}`, "make it, or name another with --models");
  const cache = await mkdtemp(join(tmpdir(), "guidegraph-doctor-"));
  const room = { folder: cache, bytes: machineMemory() };
  const options = { images: [], nodes: [], cache, backend: "cpu", threads: 1, hidden: [], room } as const;
  const present = models.filter((path) => !missing.includes(path));
  const bounds = { heapMiB: 1_024, memoryBytes: machineMemory() / 2 };
  const worker = new Worker({ ...options, models: present }, { is: "planner", bounds, say: () => {} });
  try {
    let sound = 0;
    for (const file of await within(answersMs, worker.ask("models", null))) {
      const problem = await worker.ask("model", { file, flags: "" }).then(
        ({ problem }) => problem,
        (error: Error) => error.message.split("\n")[0],
      );
      if (problem === undefined) sound++;
      else if (lacksFlags.test(problem))
        yield note("models", `${file} needs flags, from a graph or its card: ${problem}`);
      else yield warning("models", `${file}: ${problem}`, "put a sound file in its place, or remove it");
    }
    yield sound > 0
      ? ok("models", `${sound} models can be read`)
      : warning("models", "There is no model that can be read", "name a folder with --models");
  } catch (error) {
    yield fault("models", `Models cannot be looked at: ${(error as Error).message}`, "run this again");
  } finally {
    await worker.close();
    await rm(cache, { recursive: true, force: true });
  }
}

/** Its first answer waits for its process, which starts in seconds or never. */
const answersMs = 60_000;

async function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no process answered within ${ms / 1000} s`)), ms);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

/** A file is sound that only lacks what shapes do not tell. */
const lacksFlags = /--[a-z]/;

/** Below the first nothing can be begun, below the second not for long. */
const [leastBytes, littleBytes] = [96 * 2 ** 20, 2 ** 30];

async function room(data: string): Promise<Finding> {
  let nearest = data;
  while (!existsSync(nearest)) nearest = dirname(nearest);
  const { bavail, bsize } = await statfs(nearest);
  const free = bavail * bsize;
  const what = `${sizeText(free)} are free where the data folder is`;
  if (free < leastBytes) return fault("disk", what, "free some: runs are refused without");
  return free < littleBytes ? warning("disk", what, "free some, or keep less") : ok("disk", what);
}
