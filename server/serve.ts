/** Starts a server: takes its data folder, assembles its services, listens. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { removeUnfinished } from "./files/atomic.ts";
import { type DataFolder, takeDataFolder } from "./files/data-folder.ts";
import { openFilesLimit } from "./files/open-files.ts";
import { packageRoot, packageVersion } from "./files/package-root.ts";
import { createApp } from "./http/app.ts";
import { type FrontOptions, front, under } from "./http/front.ts";
import { guard, isLoopback } from "./http/guard.ts";
import { inTurns } from "./http/in-turns.ts";
import { discreet } from "./log/discreet.ts";
import { limitedLines } from "./log/limited-lines.ts";
import type { Say } from "./log/say.ts";
import { boundAllWaiting, withoutPipelines } from "./outgoing/all-waiting.ts";
import { endStalledDownloads } from "./outgoing/stalled-downloads.ts";
import { backUpDaily } from "./runs/backups.ts";
import { assemble, type ServiceOptions } from "./service/assemble.ts";
import { secretsIn } from "./shards/address.ts";
import { bucketSecretsIn } from "./shards/bucket-access.ts";
import { serveSocket } from "./socket/upgrade.ts";
import { type Access, decide, leastTokenLength } from "./users/access.ts";
import { othersHere } from "./users/others-here.ts";
import { sessionOf, Users } from "./users/users.ts";

export type { FrontOptions };

export interface ServeOptions extends ServiceOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly access: Access;
  readonly origins: readonly string[];
  /** What stands before it. */
  readonly front?: FrontOptions;
}

export interface Server {
  readonly url: string;
  /** The address with what it takes to be let in, where nobody was given that yet. */
  readonly link: string;
  /** Takes no more, lets the running run end if it does so soon, and lets go of everything. */
  close(graceMs?: number): Promise<void>;
}

export async function serve(given: ServeOptions): Promise<Server> {
  const { host, port, access, origins } = given;
  const before = front(given.front);
  const { isProxied, basePath } = before;
  const { tokens, why } = decide(access, { host, isLoopback: isLoopback(host), isProxied, others: othersHere });
  // What is written from here on, by this process and those it starts, is for its user alone.
  process.umask(0o077);
  const data = await takeDataFolder(given.data);
  try {
    await Promise.all([data.path, data.graphs, data.samplers, data.models, data.images].map(removeUnfinished));
    const own = ownToken(data, given.say);
    const ofRedis = given.redis === undefined ? [] : secretsIn(given.redis);
    const secrets = [
      ...ofRedis,
      ...bucketSecretsIn(process.env),
      ...[own, ...(tokens ?? []).map(({ token }) => token)].flatMap((token) => [token, sessionOf(token)]),
    ];
    const folders = { [data.path]: "[data]", [packageRoot]: "[program]", [homedir()]: "~" };
    const limited = limitedLines(given.say);
    const say = discreet(limited, { secrets, folders });
    const options = { ...given, say };
    const services = await assemble(options, data);
    const check = guard({ host, users: new Users(tokens, own), origins, front: before });
    const app = createApp(services, check, before);
    const http = createServer(httpOptions, withoutPipelines(under(before, inTurns(app))));
    const { traffic } = services;
    http.maxConnections = maxConnections;
    http.on("drop", () => say(`More than ${maxConnections} connections: others are closed`, { level: "warn" }));
    http.on("connection", (socket) => traffic.carry(socket, "http"));
    endStalledDownloads(http, { ended: () => traffic.stalled.http++ });
    const endLooks = boundAllWaiting(() => traffic.sockets, { ended: (socket) => traffic.noteStalled(socket) });
    const endSockets = serveSocket(http, services, check, before);
    async function close(graceMs: number): Promise<void> {
      const closed = new Promise((resolve) => http.close(resolve));
      await services.queue.close(graceMs);
      endSockets();
      endLooks();
      await services.endWorkers();
      http.closeAllConnections();
      await closed;
      await services.waiting.close();
      await services.keeper.end();
      await services.database.close();
    }
    try {
      // A backend that was asked for by name may not be there; "auto" always finds one.
      const isNamed = options.devices !== undefined || options.backend !== "auto";
      if (isNamed) await Promise.all(services.devices.all.map(({ worker }) => worker.ready));
      await services.keeper.start();
      await services.queue.resume();
      await listen(http, port, host);
    } catch (error) {
      await close(0);
      throw error;
    }
    // Whoever starts it asks where it is.
    limited(`Data in ${data.path}`, { version: packageVersion(), pid: process.pid });
    if ((statSync(data.path).mode & 0o077) !== 0)
      limited(`Other users of this machine can look into ${data.path}: chmod 700 keeps them out`, { level: "warn" });
    const endWatch = services.folders.watch((amiss) => {
      say(amiss ?? "All folders are in their places again", { level: amiss === undefined ? "warn" : "error" });
      if (amiss !== undefined && services.folders.isLost)
        services.queue.failAtWork({ code: "FOLDER_GONE", message: amiss });
    });
    const endBackups = backUpDaily(data.path, say);
    if (why !== undefined)
      limited(
        `A token is asked for: ${why}. The link holds it; --token-file gives users their own, --no-token asks for none`,
      );
    const { port: actual } = http.address() as AddressInfo;
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${actual}${basePath}`;
    return {
      url,
      link: why === undefined ? url : `${url}/?token=${own}`,
      async close(graceMs = endGraceMs) {
        endBackups();
        endWatch();
        await close(graceMs);
        data.release();
      },
    };
  } catch (error) {
    data.release();
    throw error;
  }
}

/** Connections that wait while this thread is at work, some seconds of an onrush: beyond them the system resets. */
const maxUnaccepted = 4_096;

/** Twice the readers there may be, each with a page; at most half of what may be open: the rest is for files and processes. */
const maxConnections = Math.min(8_000, Math.floor((openFilesLimit() ?? Number.POSITIVE_INFINITY) / 2));

/** A running run may end by itself so long; who manages services kills ten seconds after they were told to end. */
const endGraceMs = 5_000;

/**
 * A connection that sends nothing does not stay; an upload may take its time. One that is idle is the client's to close:
 * closed from here as a request comes, it is reset.
 */
const httpOptions = {
  headersTimeout: 15_000,
  requestTimeout: 3_600_000,
  connectionsCheckingInterval: 5_000,
  keepAliveTimeout: 65_000,
};

/** A secret that this user's own programs can read. One that was cut short as it was written could be guessed, one that lay open be known. */
function ownToken({ path }: DataFolder, say: Say): string {
  const file = join(path, "token");
  const known = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  const layOpen = known !== "" && process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0;
  if (known.length >= leastTokenLength && !layOpen) return known;
  if (layOpen && !closed(file)) {
    say(`Other users of this machine may read ${file}: this disk keeps no modes; lay it on one that does (--data)`, {
      level: "warn",
    });
    if (known.length >= leastTokenLength) return known;
  } else if (layOpen)
    say(`Other users of this machine could read ${file}: another token takes its place`, { level: "warn" });
  const token = randomBytes(24).toString("base64url");
  rmSync(file, { force: true });
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  return token;
}

/** For its owner alone, where that can be had. */
function closed(file: string): boolean {
  try {
    chmodSync(file, 0o600);
    return (statSync(file).mode & 0o077) === 0;
  } catch {
    return false;
  }
}

function listen(http: HttpServer, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? new Error(`Port ${port} is in use: give another with --port`)
          : new Error(`Cannot listen on ${host}: ${error.message}`),
      ),
    );
    http.listen({ port, host, backlog: maxUnaccepted }, resolve);
  });
}
