/** `guidegraph doctor`: whether all is well, and what to do where it is not. */
import { defaultDataFolder } from "../files/data-folder.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import { redisName } from "../shards/address.ts";
import { counted } from "../units.ts";
import { jsonFlag } from "./as-json.ts";
import type { Command } from "./command.ts";
import { backendFlags, devicesFlag, devicesOf, modelFolderFlags } from "./shared-flags.ts";

const flags = {
  data: {
    type: "text",
    help: "the server's data folder (GUIDEGRAPH_DATA, else ~/.local/share/guidegraph)",
    value: "DIR",
  },
  quick: { type: "switch", help: "look whether outputs are there, and do not read them" },
  json: jsonFlag("findings"),
  backend: backendFlags.backend,
  devices: devicesFlag,
  redis: { type: "text", help: "the Redis by which other machines help (GUIDEGRAPH_REDIS)", value: "URL" },
  models: modelFolderFlags.models,
} satisfies Flags;

export const doctorCommand: Command = {
  summary: "Look whether the installation and a server's data folder are well.",
  usage: "doctor [--data DIR] [--models DIR…] [--backend B] [--devices LIST] [--redis URL] [--quick] [--json]",
  description: [
    "Looks at Node, the backend, models, the disk, and at what a server promises of its runs: a line for each finding, with",
    "what to do. Ends with 0 when nothing is broken, else with 1. It changes nothing. While a server has the folder it looks",
    "at it as it is at one moment, and passes over what only a folder at rest can tell.",
  ].join("\n"),
  flags,
  async run(args, { out, environment, signal }) {
    const { given, operands } = parseFlags(args, flags);
    if (operands.length > 0) throw new UsageError(`doctor takes no "${operands[0]}"`);
    const { models = [], backend = "auto", quick = false, json = false } = given;
    const data = given.data ?? defaultDataFolder(environment);
    const devices = devicesOf(given);
    const redis = given.redis ?? environment.GUIDEGRAPH_REDIS;
    if (redis !== undefined) redisName(redis);
    const [{ examine }, { promises }] = await Promise.all([
      import("../doctor/examine.ts"),
      import("../doctor/promises.ts"),
    ]);
    const seen = new Set<string>();
    const counts = { ok: 0, note: 0, warning: 0, fault: 0 };
    for await (const finding of examine({ data, models, backend, devices, redis, quick, signal })) {
      const { state, check, message, todo } = finding;
      counts[state]++;
      seen.add(check);
      if (json) out(JSON.stringify(finding));
      else out(`${state.padEnd(7)}  ${check.padEnd(11)}  ${message}${todo === undefined ? "" : `: ${todo}`}`);
    }
    const legend = json ? [] : Object.entries(promises).filter(([name]) => seen.has(name));
    if (legend.length > 0) out("What a server promises of its runs:");
    for (const [name, promise] of legend) out(`${"".padEnd(7)}  ${name.padEnd(11)}  ${promise}`);
    if (!json) out(`${counted(counts.fault, "fault")}, ${counted(counts.warning, "warning")}`);
    return counts.fault > 0 ? 1 : 0;
  },
};
