/** `guidegraph serve`: the editor and the API behind it, until it is told to stop. */
import { isIP } from "node:net";
import { defaultDataFolder } from "../files/data-folder.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, type Given, parseFlags } from "../flags/grammar.ts";
import { type Idle, idleFlags } from "../flags/idle.ts";
import type { FrontOptions } from "../serve.ts";
import { redisName } from "../shards/address.ts";
import type { Access } from "../users/access.ts";
import type { Command } from "./command.ts";
import { keepingFlags, rulesOf } from "./keeping-flags.ts";
import { logFlags, logOf } from "./log-flags.ts";
import { backendFlags, devicesFlag, devicesOf, graphFlags, modelFolderFlags, precisionFlag } from "./shared-flags.ts";
import { liesOpen, tokensIn } from "./token-file-flag.ts";

const flags = {
  port: { type: "integer", help: "port to listen on (8188; 0: any that is free)" },
  host: {
    type: "text",
    help: "address to listen on (127.0.0.1); on any other a token is asked for",
    value: "ADDRESS",
  },
  data: {
    type: "text",
    help: "folder for runs, documents and uploads (GUIDEGRAPH_DATA, else ~/.local/share/guidegraph)",
    value: "DIR",
  },
  token: {
    type: "text",
    help: "secret that clients must send (GUIDEGRAPH_TOKEN); other users of this machine see it in the list of processes. auto: one is made, and the link with it printed, as it is by default where others reach the server",
    value: "T",
  },
  "token-file": {
    type: "text",
    help: 'file that holds it, which they do not see; or of each user a line "name: token"',
    value: "FILE",
  },
  "no-token": { type: "switch", help: "let in whoever has an account on this machine" },
  "allow-origin": { type: "list", help: "let pages of another origin use this server", value: "URL" },
  "trust-proxy": {
    type: "list",
    help: "address or network of a reverse proxy, whose X-Forwarded-For, -Host and -Proto are believed (loopback, 10.0.0.0/8)",
    value: "ADDRESS",
  },
  "base-path": { type: "text", help: "path below which a proxy serves it, such as /guidegraph", value: "PATH" },
  "run-deadline": { type: "duration", min: "1s", max: "30d", help: "time after which a run is ended (24h)" },
  "sampler-memory": {
    type: "size",
    min: "1GiB",
    help: "memory that a process which runs graphs may take (7/8 of what there is, divided among devices)",
  },
  devices: devicesFlag,
  precision: precisionFlag,
  redis: {
    type: "text",
    help: "Redis by which other machines help with runs of many batches (GUIDEGRAPH_REDIS; see guidegraph worker)",
    value: "URL",
  },
  results: {
    type: "text",
    help: "folder that these machines see too, or s3://bucket, for what they draw (it comes over HTTP)",
    value: "DIR",
  },
  "only-workers": { type: "switch", help: "let these machines alone draw such batches, where they can" },
  ...backendFlags,
  ...modelFolderFlags,
  ...graphFlags,
  ...keepingFlags,
  ...logFlags,
} satisfies Flags;

const defaultPort = 8188;
/** A night and a day of a large model on a processor is a run that somebody wants. */
const day = 86_400_000;

export const serveCommand: Command = {
  summary: "Open the editor.",
  usage:
    "serve [--port N] [--host ADDRESS] [--data DIR] [--token-file FILE] [--allow-origin URL]… [--trust-proxy ADDRESS]…",
  description: "Serves the editor and its API, and runs graphs for both. Ctrl-C ends it.",
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length > 0) throw new UsageError(`serve takes no "${operands[0]}"`);
    const { environment, signal } = terminal;
    const { port = defaultPort, host = "127.0.0.1", threads = 0 } = given;
    if (port < 0 || port > 65_535) throw new UsageError(`--port takes 0 to 65535, not ${port}`);
    const access = accessIn(given, environment);
    const options = {
      port,
      host,
      data: given.data ?? defaultDataFolder(environment),
      access,
      rules: rulesOf(given),
      origins: (given["allow-origin"] ?? []).map(originOf),
      front: frontOf(given["trust-proxy"], given["base-path"]),
      deadlineMs: given["run-deadline"] ?? day,
      samplerBytes: given["sampler-memory"],
      models: given.models ?? [],
      images: given.images ?? [],
      nodes: given.nodes ?? [],
      cache: given.cache ?? environment.GUIDEGRAPH_CACHE,
      backend: given.backend ?? "auto",
      devices: devicesOf(given),
      ...helpOf(given, environment),
      threads,
      precision: given.precision,
    };
    // Loaded when it is needed: no other command waits for the libraries of a server.
    const { serve } = await import("../serve.ts");
    const log = await logOf(given, terminal);
    const file = given["token-file"];
    if (file !== undefined && liesOpen(file))
      log.say(`Other users of this machine can read --token-file ${file}: chmod 600 keeps it to you`, {
        level: "warn",
      });
    try {
      const server = await serve({ ...options, signal, say: log.say });
      terminal.out(`GuideGraph at ${server.link}`);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve());
      });
      await server.close();
    } catch (error) {
      // That it was ended before it began is no failure.
      if (error !== signal.reason) throw error;
    } finally {
      await log.close();
    }
    return 0;
  },
};

const idle: readonly Idle<typeof flags, { readonly redis: string | undefined }>[] = [
  {
    flags: ["results", "only-workers"],
    usual: { "only-workers": false },
    why: (_, { redis }) =>
      redis === undefined ? "without --redis URL, by which other machines help: give it too" : undefined,
    isRefused: true,
  },
];

/** Throws a UsageError for what is no address of Redis, and for what has no use without it. */
function helpOf(given: Given<typeof flags>, { GUIDEGRAPH_REDIS }: NodeJS.ProcessEnv) {
  const { redis = GUIDEGRAPH_REDIS, results, "only-workers": onlyHelpers = false } = given;
  if (redis !== undefined) redisName(redis);
  idleFlags(idle, given, { redis });
  return { redis, results, onlyHelpers };
}

function accessIn(given: Given<typeof flags>, { GUIDEGRAPH_TOKEN }: NodeJS.ProcessEnv): Access {
  const { token, "token-file": file, "no-token": isOpen } = given;
  if (token !== undefined && file !== undefined)
    throw new UsageError("--token and --token-file say the same: give one of them");
  if (isOpen && (token !== undefined || file !== undefined))
    throw new UsageError("--no-token and a token exclude each other: give one of them");
  if (isOpen) return "open";
  if (file !== undefined) return tokensIn(file);
  const secret = token ?? GUIDEGRAPH_TOKEN;
  if (secret === "") throw new UsageError("The token is empty: give a secret, such as: openssl rand -base64 24");
  if (secret === undefined) return "auto";
  return secret === "auto" ? "made" : [{ name: undefined, token: secret }];
}

/** Throws a UsageError for what is no address of a proxy, or no path. */
function frontOf(trusted: readonly string[] = [], path = ""): FrontOptions {
  const basePath = path.replace(/\/+$/, "");
  if (basePath !== "" && !/^(\/[\w.~-]+)+$/.test(basePath))
    throw new UsageError(`--base-path takes a path such as /guidegraph, not "${path}"`);
  for (const address of trusted)
    if (!isNetwork(address))
      throw new UsageError(
        `--trust-proxy takes an address, a network such as 10.0.0.0/8, or loopback, not "${address}"`,
      );
  return { trusted, basePath };
}

function isNetwork(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  if (text === "loopback" || text === "linklocal" || text === "uniquelocal") return true;
  const most = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 && rest.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= most))
  );
}

/** `https://studio.example` and nothing after it: a page's path is no part of where it comes from. */
function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || !/^\/?$/.test(url.pathname))
    throw new UsageError(`--allow-origin takes an origin such as https://studio.example, not "${text}"`);
  return url.origin;
}
