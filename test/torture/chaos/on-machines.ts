/** Runs of a server that machines draw by Redis, and what is done to these, to Redis and to the store between them. */
import { join } from "node:path";
import type { Health, Logged } from "../../../server/protocol.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { TestHelper } from "../../support/helper.ts";
import { childrenOf } from "../../support/processes.ts";
import { freePort, TestRedis } from "../../support/redis.ts";
import { TestServer } from "../../support/server.ts";
import { bucketName, TestStore } from "../../support/store.ts";
import { begunIn, graphOf, inOneGo, judged, type Row, sleep, slow, until } from "./drawn.ts";

const token = "a-secret-of-the-owner-1234";

export interface Stage {
  readonly redis: TestRedis;
  readonly server: TestServer;
  /** Of that server's data, at its address. */
  readonly startServer: () => Promise<TestServer>;
  readonly workers: readonly TestHelper[];
  readonly store: TestStore | undefined;
}

export interface Scene {
  /** Of each worker by how much it is slower than it might be. */
  readonly workers: readonly number[];
  /** Results go by a store for S3, instead of over HTTP. */
  readonly hasStore?: boolean;
  readonly batches: number;
  readonly ms: number;
  readonly seed: number;
  /** What is done when all workers are at it; resolves to how many faults that were. */
  readonly happens?: (stage: Stage) => Promise<number | { readonly faults: number; readonly server: TestServer }>;
}

export async function onMachines({ workers: slower, hasStore, batches, ms, seed, happens }: Scene): Promise<Row> {
  const redis = await TestRedis.start();
  const store = hasStore ? await TestStore.start() : undefined;
  const results = store ? ["--results", `s3://${bucketName}/chaos`] : [];
  const environment = store?.environment ?? {};
  const args = ["--nodes", slow, ...results];
  const serve = [...args, "--redis", redis.url, "--only-workers", "--port", `${await freePort()}`];
  const startServer = (data = temporaryFolder()) => TestServer.start({ data, args: serve, token, environment });
  let server = await startServer();
  const begun = join(temporaryFolder(), "begun");
  const workers: TestHelper[] = [];
  try {
    for (const by of slower)
      workers.push(
        await TestHelper.start({
          redis: redis.url,
          ...(store ? {} : { server: server.url, token }),
          args,
          environment: { ...environment, SLOWER: `${by}`, GUIDEGRAPH_BEGUN: begun },
        }),
      );
    const graph = graphOf(seed, ms);
    const machines = async () => (await server.json<Health>("/api/health")).machines?.workers ?? [];
    await until(async () => (await machines()).filter(({ problem }) => !problem).length === slower.length);
    const id = await server.submit({ graph, batches });
    let faults = 0;
    if (happens) {
      const atWork = async () =>
        (await machines()).flatMap(({ devices }) => devices).filter(({ at }) => at?.run === id);
      await until(async () => (await atWork()).length === slower.length);
      // A run of which nothing is done does not outlive its server.
      await until(async () => (await machines()).some(({ done }) => done > 0));
      const { data } = server;
      const happened = await happens({ redis, server, startServer: () => startServer(data), workers, store });
      if (typeof happened === "number") faults = happened;
      else ({ faults, server } = happened);
    }
    const events = await server.eventsOf(id);
    const end = events.at(-1);
    const told = events.flatMap((event) => (event.type === "batch" ? [event.index] : []));
    const letGo = server.log.filter((line) => line.includes("let go of a shard without a word"));
    const inVain = workers.flatMap(({ log }) => log.filter((line) => line.includes("Drew in vain")));
    const again = Math.max(letGo.length, inVain.length);
    const drawn = { files: savedIn(events), told, begun: begunIn(begun), again, faults };
    const row = judged(await inOneGo(graph, batches), drawn, batches);
    const how = end?.type === "run" ? end.state : "nothing";
    return how === "succeeded" ? row : { ...row, broken: [...row.broken, `The run ended as ${how}`] };
  } finally {
    await Promise.all([...workers, server].map((one) => one.kill("SIGKILL")));
    await redis.kill();
    await store?.close();
  }
}

const savedIn = (events: readonly Logged[]): Record<string, string> =>
  Object.fromEntries(events.flatMap((event) => (event.type === "output" ? [[event.name, event.sha256]] : [])));

export async function isKilled({ workers }: Stage): Promise<number> {
  await workers[0].kill("SIGKILL");
  return 1;
}

/** As a laptop that is closed: all of its processes stand still. */
export const isStopped =
  (ms: number) =>
  async ({ workers: [{ process: worker }] }: Stage): Promise<number> => {
    const all = [worker.pid as number, ...childrenOf(worker.pid as number)];
    for (const pid of all) process.kill(pid, "SIGSTOP");
    await sleep(ms);
    for (const pid of all) process.kill(pid, "SIGCONT");
    return 1;
  };

export async function redisIsRestarted({ redis }: Stage): Promise<number> {
  await redis.kill();
  await sleep(1_000);
  await redis.startAgain();
  return 1;
}

/** It answers nothing. */
export const redisStandsStill =
  (ms: number) =>
  async ({ redis }: Stage): Promise<number> => {
    redis.process.kill("SIGSTOP");
    await sleep(ms);
    redis.process.kill("SIGCONT");
    return 1;
  };

/** Its results come to the next. */
export const serverEnds =
  (signal: NodeJS.Signals) =>
  async ({ server, startServer }: Stage) => {
    await server.kill(signal);
    await sleep(3_000);
    return { faults: 1, server: await startServer() };
  };

/** It takes no results, for so long from the first that it does not take. */
export const storeIsFull =
  (ms: number) =>
  async ({ store }: Stage): Promise<number> => {
    if (!store) throw new Error("There is no store");
    let refused = 0;
    store.instead = ({ method }) => {
      if (method !== "PUT") return undefined;
      refused++;
      return { status: 507 };
    };
    await until(() => refused > 0);
    await sleep(ms);
    store.instead = () => undefined;
    return 1;
  };
