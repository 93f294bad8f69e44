/**
 * Asks a server for its health while something else loads it, from a thread of its own: a client that is busy itself would
 * measure that.
 */
import { once } from "node:events";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { rssOf } from "./memory.ts";

const everyMs = 25;

export interface Probed {
  /** How long each answer took, in milliseconds. */
  readonly delays: readonly number[];
  /** What the server's process held at most meanwhile, in MB. */
  readonly mostMb: number;
}

interface Asked {
  readonly url: string;
  readonly pid: number;
}

/** Begins to ask; what this returns ends it. */
export async function probe(asked: Asked): Promise<() => Promise<Probed>> {
  const worker = new Worker(new URL(import.meta.url), { workerData: asked });
  await once(worker, "message");
  return async () => {
    worker.postMessage("end");
    const [probed] = (await once(worker, "message")) as [Probed];
    return probed;
  };
}

async function ask({ url, pid }: Asked, port: NonNullable<typeof parentPort>): Promise<void> {
  let isOver = false;
  port.once("message", () => {
    isOver = true;
  });
  const delays: number[] = [];
  let mostMb = rssOf(pid);
  while (!isOver) {
    const began = performance.now();
    await (await fetch(`${url}/api/health`, { headers: { Origin: url } })).arrayBuffer();
    delays.push(performance.now() - began);
    mostMb = Math.max(mostMb, rssOf(pid));
    // The first answer is of no use: it waited for a connection.
    if (delays.length === 1) port.postMessage("ready");
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  port.postMessage({ delays: delays.slice(1), mostMb } satisfies Probed);
}

if (!isMainThread && parentPort) await ask(workerData as Asked, parentPort);
