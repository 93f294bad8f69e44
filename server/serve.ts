/** Starts a server: takes its data folder, assembles its services, listens. */
import { randomBytes } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { removeUnfinished } from "./files/atomic.ts";
import { type DataFolder, takeDataFolder } from "./files/data-folder.ts";
import { packageRoot } from "./files/package-root.ts";
import { ConfigurationError } from "./flags/errors.ts";
import { createApp } from "./http/app.ts";
import { guard, isLoopback, sessionOf } from "./http/guard.ts";
import { discreet } from "./log/discreet.ts";
import { limitedLines } from "./log/limited-lines.ts";
import { endStalledDownloads } from "./outgoing/stalled-downloads.ts";
import { backUpDaily } from "./runs/backups.ts";
import { assemble, type ServiceOptions } from "./service/assemble.ts";
import { serveSocket } from "./socket/upgrade.ts";

export interface ServeOptions extends ServiceOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  readonly data: string;
  readonly token: string | undefined;
  readonly origins: readonly string[];
}

export interface Server {
  readonly url: string;
  /** Takes no more, lets the running run end if it does so soon, and lets go of everything. */
  close(graceMs?: number): Promise<void>;
}

export async function serve(given: ServeOptions): Promise<Server> {
  const { host, port, token, origins } = given;
  if (!isLoopback(host) && token === undefined)
    throw new ConfigurationError(
      `Listening on ${host} lets everyone who reaches it run graphs: give a secret with --token-file or --token, which clients must send`,
    );
  if (!isLoopback(host) && token !== undefined && token.length < leastTokenLength)
    throw new ConfigurationError(
      `A token of ${token.length} characters can be guessed by whoever reaches ${host}: give one of at least ${leastTokenLength}`,
    );
  // What is written from here on, by this process and those it starts, is for its user alone.
  process.umask(0o077);
  const data = await takeDataFolder(given.data);
  try {
    await Promise.all([data.path, data.graphs, data.samplers, data.models, data.images].map(removeUnfinished));
    const own = ownToken(data);
    const secrets = [own, ...(token === undefined ? [] : [token, sessionOf(token)])];
    const folders = { [data.path]: "[data]", [packageRoot]: "[program]", [homedir()]: "~" };
    const limited = limitedLines(given.say);
    const say = discreet(limited, { secrets, folders });
    const options = { ...given, say };
    const services = await assemble(options, data);
    const check = guard({ host, token, ownToken: own, origins });
    const http = createServer(httpOptions, createApp(services, check));
    endStalledDownloads(http);
    const endSockets = serveSocket(http, services, check);
    async function close(graceMs: number): Promise<void> {
      const closed = new Promise((resolve) => http.close(resolve));
      await services.queue.close(graceMs);
      endSockets();
      await services.endWorkers();
      http.closeAllConnections();
      await closed;
      await services.database.close();
    }
    try {
      // A backend that was asked for by name may not be there; "auto" always finds one.
      if (options.backend !== "auto") await services.sampler.ready;
      await services.queue.resume();
      await listen(http, port, host);
    } catch (error) {
      await close(0);
      throw error;
    }
    // Whoever starts it asks where it is.
    limited(`Data in ${data.path}`);
    if ((statSync(data.path).mode & 0o077) !== 0)
      limited(`Other users of this machine can look into ${data.path}: chmod 700 keeps them out`, { level: "warn" });
    const endBackups = backUpDaily(data.path, say);
    const { port: actual } = http.address() as AddressInfo;
    return {
      url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}`,
      async close(graceMs = endGraceMs) {
        endBackups();
        await close(graceMs);
        data.release();
      },
    };
  } catch (error) {
    data.release();
    throw error;
  }
}

/** Drawn from letters and digits it has 95 bits: more than can be tried at twenty a minute, or at any rate. */
const leastTokenLength = 16;
/** Connections that wait while this thread is at work, some seconds of an onrush: beyond them the system resets. */
const maxUnaccepted = 4_096;

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

/** A secret that this user's own programs can read. */
function ownToken({ path }: DataFolder): string {
  const file = join(path, "token");
  try {
    return readFileSync(file, "utf8").trim();
  } catch {
    const token = randomBytes(24).toString("base64url");
    writeFileSync(file, `${token}\n`, { mode: 0o600 });
    return token;
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
