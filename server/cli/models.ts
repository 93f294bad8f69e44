/** `guidegraph models`: what there is, and what is known of a file. */
import { basename } from "node:path";
import type { NetworkFacts, NetworkOutput } from "../../nodes/index.ts";
import { formatModelFlags } from "../../onnx/index.ts";
import { type Network, outputUses } from "../../runtime/index.ts";
import { type Engine, engine } from "../engine/engine.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, type Given, parseFlags } from "../flags/grammar.ts";
import { type Idle, idleFlags } from "../flags/idle.ts";
import { classifierFlags, processFlags, silentFlags, unetFlags } from "../sample/flags.ts";
import { idleForRole } from "../sample/idle.ts";
import { nameFlags } from "../sample/role-flags.ts";
import { jsonFlag } from "./as-json.ts";
import type { Command, Terminal } from "./command.ts";
import { linesOf } from "./errors.ts";
import { modelFlagsText } from "./model-flags.ts";
import { modelFolderFlags } from "./shared-flags.ts";
import { typedFile } from "./typed-file.ts";

const flags = {
  json: jsonFlag("what is known of each"),
  ...modelFolderFlags,
  ...unetFlags,
  ...classifierFlags,
  ...processFlags,
  ...silentFlags,
  ...nameFlags,
} satisfies Flags;

const idle: readonly Idle<typeof flags, { readonly action: string }>[] = [
  {
    flags: (Object.keys(flags) as (keyof typeof flags)[]).filter(
      (name) => name !== "json" && !Object.hasOwn(modelFolderFlags, name),
    ),
    why: (_, { action }) => (action === "list" ? "beside list: inspect FILE takes it" : undefined),
    isRefused: true,
  },
];

export const modelsCommand: Command = {
  summary: "List the model files that graphs may name, or tell what is known of one.",
  usage: "models list | inspect FILE [model flags] [--json]",
  description: "inspect takes an id from the list, or a path; model flags tell what shapes and a card do not.",
  flags,
  async run(args, terminal) {
    const { given, operands } = parseFlags(args, flags);
    const [action, file, ...more] = operands;
    const { models, cache, json = false } = given;
    const open = (typed: readonly string[]): Engine =>
      engine({ models, cache, typed, environment: terminal.environment, signal: terminal.signal });
    idleFlags(idle, given, { action });
    if (action === "list" && file === undefined) return list(open([]), json, terminal);
    if (action === "inspect" && file !== undefined && more.length === 0) {
      const typed = await typedFile(file);
      return inspect(open(typed ? [typed] : []), typed ? basename(typed) : file, given, terminal);
    }
    throw new UsageError("models takes list, or inspect and one file");
  },
};

const flagsText = (given: Given<typeof flags>): string =>
  [
    ...Object.entries(given).flatMap(([flag, value]) => (flag in nameFlags ? [`--${flag} "${value}"`] : [])),
    modelFlagsText(given),
  ].join(" ");

async function list({ files, networks }: Engine, json: boolean, terminal: Terminal): Promise<number> {
  for (const id of await files.list()) {
    // A file that cannot be read is listed with the reason: it may only lack flags.
    const about = await networks.open(undefined, { file: id, sha256: "", flags: "" }).then(
      (network) => (json ? known(network) : oneLine(network)),
      (error) => (json ? { error: linesOf(error)[0] } : linesOf(error)[0]),
    );
    terminal.out(typeof about === "string" ? `${id}  ${about}` : JSON.stringify({ file: id, ...about }));
  }
  return 0;
}

/** For programs: what the file is, and the facts that a plan goes by. */
const known = ({ about, facts: { content: _, ...facts }, role }: Network): object => ({ role, ...about, facts });

const oneLine = ({ about: { architecture, parameters }, facts }: Network): string =>
  [
    architecture,
    `${(parameters / 1e6).toPrecision(3)} M parameters`,
    ...(facts.height && facts.width ? [`${facts.height}×${facts.width}`] : []),
    ...(facts.outputs ? [`answers with ${facts.outputs.map(shown).join(", ")}`] : []),
    ...(facts.unrunnable === undefined ? [] : [`cannot run: ${facts.unrunnable}`]),
  ].join(", ");

const shown = ({ name, dims }: NetworkOutput): string => `${name} ${dims?.map((dim) => dim ?? "N").join("×") ?? ""}`;

/** What it was trained on, and what else it takes. */
const sizeInWords = ({ height, width, multiple }: NetworkFacts): string | undefined => {
  const own = height === undefined || width === undefined ? [] : [`${height}×${width}`];
  const others = multiple === 1 ? ["any sides"] : [`any sides that are multiples of ${multiple}`];
  return [...own, ...(multiple === undefined ? [] : others)].join("; takes ") || undefined;
};

async function inspect(
  { networks }: Engine,
  file: string,
  given: Given<typeof flags>,
  terminal: Terminal,
): Promise<number> {
  const network = await networks.open(undefined, { file, sha256: "", flags: flagsText(given) });
  for (const line of idleFlags(idleForRole, given, network)) terminal.err(`${line}\n`);
  if (given.json) {
    terminal.out(JSON.stringify({ ...known(network), outputs: await outputUses(network) }));
    return 0;
  }
  const { about, facts, role } = network;
  const rows: [string, unknown][] = [
    ["file", about.file],
    ["sha256", about.sha256],
    ["role", { unet: "UNet", classifier: "classifier", network: "network (Load Network)" }[role]],
    ["architecture", about.architecture],
    ["preset", about.presets?.join(" or ")],
    ["parameters", about.parameters.toLocaleString("en-US")],
    ["size", sizeInWords(facts)],
    ["channels", facts.channels],
    ["predicts", facts.predicts],
    ["learns sigma", facts.learnSigma],
    ["classes", facts.classes],
    ["class names", facts.classNames?.join(", ")],
    ["null label", facts.nullLabel],
    ["low_res size", facts.lowRes],
    ["condition", facts.condition === undefined ? undefined : `${facts.condition} channels`],
    ...about.notes.map((note): [string, string] => ["note", note]),
    ["note", facts.doubt && `taken for logits, but ${facts.doubt}`],
    ["fitted", facts.fit],
    ["cannot run", facts.unrunnable],
    ["flags", formatModelFlags(about.flags)],
  ];
  for (const [name, value] of rows)
    if (value !== undefined && value !== "") terminal.out(`${`${name}:`.padEnd(14)} ${value}`);
  for (const { output, use, gradient } of await outputUses(network))
    terminal.out(`${"output:".padEnd(14)} ${output}: ${use}; ${gradient}`);
  return 0;
}
