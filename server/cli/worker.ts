/** `guidegraph worker`: this machine helps a server with runs of many batches, until it is told to stop. */
import { join } from "node:path";
import { defaultDataFolder } from "../files/data-folder.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, type Given, parseFlags } from "../flags/grammar.ts";
import { type Idle, idleFlags } from "../flags/idle.ts";
import { redisName } from "../shards/address.ts";
import type { Command } from "./command.ts";
import { logFlags, logOf } from "./log-flags.ts";
import { backendFlags, devicesFlag, devicesOf, graphFlags, modelFolderFlags, precisionFlag } from "./shared-flags.ts";
import { ownersToken } from "./token-file-flag.ts";

const flags = {
  redis: { type: "text", help: "Redis of the server (GUIDEGRAPH_REDIS)", value: "URL" },
  server: { type: "text", help: "address of the server, which gives models and takes results", value: "URL" },
  "token-file": {
    type: "text",
    help: "file with the token of the server's owner, as serve takes it (GUIDEGRAPH_TOKEN)",
    value: "FILE",
  },
  results: { type: "text", help: "folder that the server sees too, or s3://bucket, instead of --server", value: "DIR" },
  data: {
    type: "text",
    help: "folder for models that come from the server, and for what is on its way (GUIDEGRAPH_DATA, else ~/.local/share/guidegraph, in it worker)",
    value: "DIR",
  },
  devices: devicesFlag,
  precision: precisionFlag,
  ...backendFlags,
  ...modelFolderFlags,
  ...graphFlags,
  ...logFlags,
} satisfies Flags;

const idle: readonly Idle<typeof flags, undefined>[] = [
  {
    flags: ["token-file"],
    why: ({ server }) => (server === undefined ? "without --server URL: a folder asks for no token" : undefined),
    isRefused: true,
  },
];

export const workerCommand: Command = {
  summary: "Help a server with runs of many batches.",
  usage:
    "worker --redis URL --server URL|--results DIR [--token-file FILE] [--devices LIST] [--models DIR…] [--data DIR]",
  description: [
    "Draws batches of runs of a server that was started with --redis, on the devices of this machine. Which machine draws",
    "what changes no byte of the pictures. Ctrl-C ends it, and others do what it was at.",
  ].join("\n"),
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length > 0) throw new UsageError(`worker takes no "${operands[0]}"`);
    const { environment, signal } = terminal;
    const url = given.redis ?? environment.GUIDEGRAPH_REDIS;
    if (url === undefined) throw new UsageError("worker takes the server's Redis: --redis redis://host:6379");
    redisName(url);
    const { server, results } = given;
    if ((server === undefined) === (results === undefined))
      throw new UsageError(
        "worker takes --server URL, or --results DIR where the server has the same: by one of them pictures come there",
      );
    idleFlags(idle, given, undefined);
    const options = {
      url,
      ...(server !== undefined ? { server, token: tokenIn(given, environment) } : { results }),
      data: join(given.data ?? defaultDataFolder(environment), "worker"),
      models: given.models ?? [],
      images: given.images ?? [],
      nodes: given.nodes ?? [],
      precision: given.precision,
      cache: given.cache ?? environment.GUIDEGRAPH_CACHE,
      choices: devicesOf(given) ?? [
        { name: given.backend ?? "auto", backend: given.backend ?? "auto", threads: given.threads ?? 0 },
      ],
    };
    // Loaded when it is needed: no other command waits for the libraries of a queue.
    const { help } = await import("../helper/help.ts");
    const log = await logOf(given, terminal);
    try {
      const helper = await help({ ...options, signal, say: log.say });
      terminal.out("Helps until it is told to end: Ctrl-C");
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve());
      });
      await helper.close();
    } catch (error) {
      // That it was ended before it began is no failure.
      if (error !== signal.reason) throw error;
    } finally {
      await log.close();
    }
    return 0;
  },
};

function tokenIn(
  { "token-file": file }: Given<typeof flags>,
  { GUIDEGRAPH_TOKEN }: NodeJS.ProcessEnv,
): string | undefined {
  const token = file === undefined ? GUIDEGRAPH_TOKEN?.trim() : ownersToken(file);
  // What no header carries is told by those who try with all that is in it.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new UsageError("The token is empty, or has a space or a letter that no request carries: take ASCII alone");
  return token;
}
