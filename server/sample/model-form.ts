/** What is asked of a checkpoint on its way in, and what a pasted command of the reference answers of it. */
import { formatModelFlags, isFlagName, type ModelFlags, parseCard, parseModelFlags } from "../../onnx/index.ts";
import { type AskedCheckpoint, askedCheckpoint, type ModelSource } from "../../runtime/index.ts";
import { UsageError } from "../flags/errors.ts";
import { type Flags, parseFlags } from "../flags/grammar.ts";
import type { ModelForm } from "../protocol.ts";
import { asTyped } from "./as-typed.ts";
import { classifierFlags, processFlags, sampleFlags, unetFlags } from "./flags.ts";
import { takenOf } from "./pasted.ts";
import { unetRoleFlags } from "./role-flags.ts";
import { shellCommands } from "./shell.ts";
import { type SampleCommand, sampleCommand } from "./words.ts";

/**
 * Undefined for an ONNX file, which is asked nothing. `command` goes over `flags`, these over the card beside it. Throws a UsageError for what is no command,
 * a SyntaxError for bad flags, a CheckpointError for a file that is no network or not the one that is told of.
 */
export async function modelForm(
  source: ModelSource,
  name: string,
  flags: string,
  command?: string,
): Promise<ModelForm | undefined> {
  const typed = { ...(await cardFlags(source)), ...parseModelFlags(flags) };
  const before = await askedCheckpoint(source, name, typed);
  if (before === undefined) return undefined;
  const pasted = command === undefined ? undefined : pastedFlags(command, before.role);
  const given = { ...typed, ...pasted?.flags };
  const asked = pasted === undefined ? before : await askedCheckpoint(source, name, given);
  return (
    asked && { ...formOf(asked, given, pasted?.notes ?? []), ...(pasted?.sampling && { sampling: pasted.sampling }) }
  );
}

/** The names of classes are no flag that is asked for, and stay where they are. */
async function cardFlags(source: ModelSource): Promise<ModelFlags> {
  const { classes: _, ...flags } = parseCard((await source.card()) ?? "{}");
  return flags;
}

function formOf(
  { role, tells, asks, presets, problem, notes }: AskedCheckpoint,
  given: ModelFlags,
  pasted: readonly string[],
): ModelForm {
  return {
    role,
    tells: tells.map(([name, value]) => ({ name, value })),
    asks: asks.map((asked) => ({ ...asked, help: helpOf(asked.flag) })),
    presets,
    flags: formatModelFlags(given),
    notes: [...pasted, ...notes],
    ...(problem !== undefined && { problem }),
  };
}

const helpOf = (flag: string): string =>
  (({ ...unetFlags, ...classifierFlags, ...processFlags }) as Flags)[flag]?.help ?? "";

const tables: Readonly<Record<"unet" | "classifier", Flags>> = {
  unet: { ...unetFlags, ...processFlags },
  classifier: {
    ...classifierFlags,
    ...processFlags,
    image_size: unetFlags.image_size,
    num_classes: unetFlags.num_classes,
  },
};

export interface Pasted {
  readonly flags: ModelFlags;
  readonly notes: readonly string[];
  /** The rest of a command that samples, as flags; absent of one that trains. */
  readonly sampling?: string;
}

/** The checkpoint that is asked about, and all of a UNet that a classifier guides: another may be sampled. */
const isOther = (name: string, role: "unet" | "classifier"): boolean =>
  name === "model_path" ||
  (role === "classifier" &&
    (name === "classifier_path" || Object.hasOwn(unetFlags, name) || Object.hasOwn(unetRoleFlags, name)));

/** As they were typed, but for those that are told elsewhere. */
function samplingOf(args: readonly string[], isTold: (name: string) => boolean): string {
  const kept: string[] = [];
  let keeps = false;
  for (const arg of args) {
    const [, name] = /^--?([A-Za-z][\w-]*)/.exec(arg) ?? [];
    if (name !== undefined) keeps = arg.startsWith("--") && !isTold(name);
    if (keeps) kept.push(/^[\w.,:/=+-]+$/.test(arg) ? arg : `"${arg.replaceAll('"', "")}"`);
  }
  return kept.join(" ");
}

/** What a command says of a network in this role, be it one that samples, one that trains, or flags alone; and what it leaves. */
export function pastedFlags(command: string, role: "unet" | "classifier"): Pasted {
  const { args, origin, fork, notes, samples } = commandIn(command);
  const { taken, left } = takenOf(args, fork);
  const { given } = parseFlags(taken, sampleFlags);
  const isMine = (name: string) => isFlagName(name) && Object.hasOwn(tables[role], name);
  const mine = Object.entries(given).filter(([name]) => isMine(name));
  if (mine.length === 0) throw new UsageError("The command says nothing of the network: it has none of its flags");
  const flags = Object.fromEntries(mine) as ModelFlags;
  const steps = flags.diffusion_steps ?? 1000;
  const rescaled = origin === "improved-diffusion" && steps !== 1000 && flags.rescale_timesteps === undefined;
  return {
    ...(samples && { sampling: samplingOf(taken, (name) => isMine(name) || isOther(name, role)) }),
    flags: { ...flags, ...(rescaled && { rescale_timesteps: true }) },
    notes: [
      ...notes,
      ...(rescaled ? ["timesteps are scaled to 1000, as improved-diffusion does unless told otherwise"] : []),
      ...(left.length > 0 ? [`not taken: ${left.join(", ")} (no flag of the reference's)`] : []),
    ],
  };
}

/** The one that samples; else the first that has flags. Lines that only set variables stand for what these hold. */
function commandIn(given: string): SampleCommand & { readonly samples: boolean } {
  const text = asTyped(given);
  try {
    return { ...sampleCommand(text), samples: true };
  } catch (error) {
    const names = [...text.matchAll(/^\s*(?:export\s+)?([A-Za-z_]\w*)\+?=/gm)].map(([, name]) => name);
    const commands = shellCommands(
      [text, `variables ${[...new Set(names)].map((name) => `$${name}`).join(" ")}`].join("\n"),
    );
    const words = commands.find((some) => some.some((word) => word.startsWith("--")));
    if (words === undefined) throw error;
    const origin = /improved[-_]diffusion/i.test(text) ? "improved-diffusion" : undefined;
    return {
      args: words.slice(words.findIndex((word) => word.startsWith("--"))),
      origin,
      fork: true,
      notes: [],
      samples: false,
    };
  }
}
