/** Which of a text's commands samples, by whose script, and with which flags. */
import { UsageError } from "../flags/errors.ts";
import { asTyped } from "./as-typed.ts";
import { shellCommands } from "./shell.ts";

/** Whose defaults hold. improved-diffusion came before guided-diffusion and rescales timesteps unless told otherwise. */
export type Origin = "guided-diffusion" | "improved-diffusion";

export interface SampleCommand {
  /** What stands after the script's name. */
  readonly args: readonly string[];
  /** What the words before and in it tell; flags may tell as well. */
  readonly origin?: Origin | undefined;
  /** The script is none of the reference's: it has flags of its own, perhaps. */
  readonly fork: boolean;
  /** What of the text was read otherwise than a shell would, or left out: a sentence each. */
  readonly notes: readonly string[];
}

const script = /(?:^|[/\\.])(?:classifier|image|super_res)_sample(?:\.py)?$/;
/** Another's, which is a sampler where it names a checkpoint. */
const anyScript = /\.py$/;
const checkpoint = /^--?(?:model_path|model-path|checkpoint|ckpt|resume_checkpoint)(?:=|$)/;

const trains = /(?:^|[/\\._])train(?:\.py)?$/;
/** A command that another is given as one word: ssh, bash -c, tmux. */
const inQuotes = /_sample(?:\.py)?\s|\.py\s.*--/;

/** The first command that samples; where a text begins with its flags, all of it. Throws a UsageError. */
export function sampleCommand(given: string): SampleCommand {
  const text = asTyped(given);
  const commands = shellCommands(text);
  const origin = originIn(text);
  for (const [fork, argsOf] of readers) {
    const all = commands.map(argsOf);
    const at = all.findIndex((args) => args !== undefined);
    if (at < 0) continue;
    const { args, notes } = withLooseFlags(all[at] ?? [], commands.slice(at + 1));
    const count = all.filter((args) => args !== undefined).length;
    const others = count > 1 ? [`the text samples ${count} times: the first command is taken`] : [];
    return { args, origin, fork, notes: [...notes, ...others] };
  }
  const inner = commands.flat().find((word) => word.length < text.length && inQuotes.test(word));
  if (inner !== undefined) return { ...sampleCommand(inner), origin };
  if (commands[0]?.[0]?.startsWith("-")) return { args: commands.flat(), origin, fork: false, notes: [] };
  if (commands.flat().some((word) => trains.test(word)))
    throw new UsageError(
      "This is no sampling command: it trains. Paste the one that samples with what it made, or drop that model and paste this into its form",
    );
  throw new UsageError(
    "This is no sampling command: it names neither classifier_sample.py, image_sample.py nor super_res_sample.py (or a fork with its --model_path), and does not begin with their flags",
  );
}

type Args = readonly string[];

/**
 * What follows `guidegraph sample` where it is more than flags: a whole command, in the words of a shell or in one, before flags of our own. Undefined
 * where it is none.
 */
export function typedCommand(words: Args): SampleCommand | undefined {
  if (words.length === 0 || flag.test(words[0])) return undefined;
  const [first, ...more] = words;
  if (/\s/.test(first)) {
    const { args, ...command } = sampleCommand(first);
    return { ...command, args: [...args, ...more] };
  }
  for (const [fork, argsOf] of readers) {
    const args = argsOf(words);
    if (args) return { args, origin: originIn(words.join(" ")), fork, notes: [] };
  }
  return undefined;
}

/** What stands after a script of the reference's, or after `guidegraph sample`. */
function referenceArgs(words: Args): Args | undefined {
  const at = words.findIndex((word) => script.test(word));
  if (at >= 0) return words.slice(at + 1);
  const sample = words.indexOf("sample");
  const isOurs = sample >= 0 && words.slice(0, sample).some((word) => word.includes("guidegraph"));
  return isOurs ? words.slice(sample + 1) : undefined;
}

function forkArgs(words: Args): Args | undefined {
  const module = words.indexOf("-m") + 1;
  const at = module > 0 ? module : words.findIndex((word) => anyScript.test(word));
  const samples = at >= 0 && words.slice(at + 1).some((word) => checkpoint.test(word)) && !/train/.test(words[at]);
  return samples ? words.slice(at + 1) : undefined;
}

/** Another's script is looked for where there is none of the reference's. */
const readers = [
  [false, referenceArgs],
  [true, forkArgs],
] as const;

/** A dash of a list, or a number below zero, is none. */
const flag = /^--?[A-Za-z]/;

/** Lines of flags behind the command, which a lost backslash or a comment cut off from it. */
function withLooseFlags(args: Args, behind: readonly Args[]): Pick<SampleCommand, "args" | "notes"> {
  const end = behind.findIndex(([first]) => !flag.test(first));
  const loose = behind.slice(0, end < 0 ? behind.length : end).flat();
  const notes = loose.length > 0 ? [`what stands behind its end is taken as part of it: ${loose.join(" ")}`] : [];
  return { args: [...args, ...loose], notes };
}

export const sampleArguments = (text: string): readonly string[] => sampleCommand(text).args;

function originIn(text: string): Origin | undefined {
  if (/improved[-_]diffusion/i.test(text)) return "improved-diffusion";
  return /guided[-_]diffusion|classifier_sample/i.test(text) ? "guided-diffusion" : undefined;
}
