/** Starts a machine that helps: its processes, its way to the server, and what takes shards from the queue. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join, resolve } from "node:path";
import type { WorkerOptions } from "../channel/messages.ts";
import { Device } from "../devices/device.ts";
import { deviceLines } from "../devices/device-lines.ts";
import { Devices } from "../devices/devices.ts";
import { machineMemory, memoryEach, toMeasure, unmeasured } from "../engine/machine-memory.ts";
import { cacheFolderOf } from "../files/cache-folder.ts";
import { takeLock } from "../files/folder-lock.ts";
import { idsIn } from "../files/folders.ts";
import { Hashes } from "../files/hashes.ts";
import { neverAgain } from "../files/kept-roots.ts";
import { makeFolder } from "../files/make-folder.ts";
import { bundledModels, packageRoot } from "../files/package-root.ts";
import { StillThere } from "../files/still-there.ts";
import { discreet } from "../log/discreet.ts";
import type { Say } from "../log/say.ts";
import type { DeviceChoice } from "../providers/device-list.ts";
import { redisName, secretsIn } from "../shards/address.ts";
import { Bucket, isBucket } from "../shards/bucket.ts";
import { bucketSecretsIn } from "../shards/bucket-access.ts";
import { bucketExchange } from "../shards/bucket-exchange.ts";
import { type Exchange, folderExchange } from "../shards/exchange.ts";
import { connectRedis } from "../shards/redis.ts";
import { Worker } from "../supervisor/worker.ts";
import { fileFetcher } from "./fetch-files.ts";
import { Helper, type LockTimes } from "./helper.ts";
import { sayBegins } from "./helper-lines.ts";
import { serverExchange } from "./server-exchange.ts";

export interface HelpOptions extends Pick<WorkerOptions, "models" | "images" | "nodes" | "cache" | "precision"> {
  /** Of Redis. */
  readonly url: string;
  /** Of the server, and what lets in there. */
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  /** Instead of the server: a folder that both see, or a bucket. */
  readonly results?: string | undefined;
  /** Of this machine. */
  readonly data: string;
  readonly choices: readonly DeviceChoice[];
  readonly lock?: LockTimes;
  /** Ends the start. */
  readonly signal?: AbortSignal | undefined;
  readonly say: Say;
}

/** Resolves when all devices are there. Rejects with what is wrong with the address of Redis, of the server, or a device. */
export async function help(options: HelpOptions): Promise<{ close(): Promise<void> }> {
  const { url, server: _, results: __, token, choices, lock, signal: ___, say: told, ...files } = options;
  const data = resolve(options.data);
  const secrets = [...secretsIn(url), ...(token === undefined ? [] : [token]), ...bucketSecretsIn(process.env)];
  const say = discreet(told, { secrets, folders: { [data]: "[data]", [packageRoot]: "[program]", [homedir()]: "~" } });
  const [models, images, shards] = ["models", "images", "shards"].map((name) => join(data, name));
  makeFolder(data, 0o700);
  const release = await takeLock(data, (owner) => `${data} is in use by ${owner}: give another folder with --data`);
  const again = neverAgain(data);
  // What a worker that was killed was at, others have done.
  rmSync(shards, { recursive: true, force: true });
  for (const folder of [models, images, shards]) makeFolder(folder, 0o700);
  const places = Object.entries({ models, images, shards });
  const own = await StillThere.of(
    [
      { called: "The data folder", path: data, kept: "self" },
      ...places.map(([name, path]) => ({ called: `The folder ${name} in it`, path, kept: "folder" }) as const),
    ],
    "worker",
  );
  const { redis, refused } = await connectRedis(url, say, options.signal).catch((error) => {
    again();
    release();
    throw error;
  });
  const bytes = memoryEach(choices.length);
  for (const [line, level] of deviceLines(choices, bytes, machineMemory())) say(line, { level });
  const without = unmeasured();
  if (without !== undefined) say(`${without} (${toMeasure})`, { level: "warn" });
  const folders = { models: [...files.models, models], images: [...files.images, images] };
  const hidden = [data, homedir(), ...folders.models, ...folders.images];
  const processes = choices.map(({ name = "sampler", ...choice }) => {
    const room = { folder: shards, bytes };
    const role = { is: "sampler", device: name, bounds: { memoryBytes: bytes }, say } as const;
    const onCard = choices.filter(({ backend, device }) => backend === choice.backend && device === choice.device);
    const given = { ...files, ...folders, ...choice, hidden, room, helps: true } as const;
    // By itself it would count all of a card's memory.
    return new Device(name, new Worker(onCard.length > 1 ? { ...given, runsOn: onCard } : given, role));
  });
  const devices = new Devices(processes, say);
  try {
    const exchange = await exchangeOf(options, (line) => say(line));
    await Promise.all(processes.map(({ worker }) => worker.ready));
    const id = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`.slice(0, 200);
    const hashes = new Hashes(cacheFolderOf(files.cache, process.env));
    const parts = join(data, "parts");
    const looked = { ...folders, models: [bundledModels, ...folders.models] };
    const fetchFiles = fileFetcher({ exchange, hashes, folders: looked, parts, say: (line) => say(line) });
    const helper = new Helper({
      redis,
      refused,
      exchange,
      devices,
      own,
      folder: shards,
      id,
      fetchFiles,
      ...(lock && { lock }),
      say,
    });
    const models = await idsIn(folders.models, "model");
    const to = options.server ?? options.results ?? "";
    sayBegins({ redis: redisName(url), to, devices: processes, models }, say);
    helper.begin();
    return {
      async close() {
        await helper.close();
        await end();
      },
    };
  } catch (error) {
    await end();
    throw error;
  }

  async function end(): Promise<void> {
    await devices.close();
    redis.disconnect();
    again();
    release();
  }
}

async function exchangeOf(
  { server, token, results = "", signal }: HelpOptions,
  say: (line: string) => void,
): Promise<Exchange> {
  if (server !== undefined) return serverExchange({ url: server, token, say, signal });
  if (!isBucket(results)) return folderExchange(results);
  const bucket = new Bucket({ url: results, environment: process.env, say });
  await bucket.check(signal);
  return bucketExchange(bucket);
}
