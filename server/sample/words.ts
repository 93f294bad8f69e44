/** Which of a text's commands samples, by whose script, and with which flags. */
import { UsageError } from "../flags/errors.ts";
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
}

const script = /(?:^|[/\\.])(?:classifier|image|super_res)_sample(?:\.py)?$/;
/** Another's, which is a sampler where it names a checkpoint. */
const anyScript = /\.py$/;
const checkpoint = /^--?(?:model_path|model-path|checkpoint|ckpt|resume_checkpoint)(?:=|$)/;

/** The command that samples; where a text begins with its flags, all of it. Throws a UsageError. */
export function sampleCommand(text: string): SampleCommand {
  const commands = shellCommands(text);
  const origin = originIn(text);
  for (const words of commands) {
    const at = words.findIndex((word) => script.test(word));
    if (at >= 0) return { args: words.slice(at + 1), origin, fork: false };
    const sample = words.indexOf("sample");
    if (sample >= 0 && words.slice(0, sample).some((word) => word.includes("guidegraph")))
      return { args: words.slice(sample + 1), origin, fork: false };
  }
  for (const words of commands) {
    const module = words.indexOf("-m") + 1;
    const at = module > 0 ? module : words.findIndex((word) => anyScript.test(word));
    if (at >= 0 && words.slice(at + 1).some((word) => checkpoint.test(word)) && !/train/.test(words[at]))
      return { args: words.slice(at + 1), origin, fork: true };
  }
  const first = commands[0] ?? [];
  if (first[0]?.startsWith("-")) return { args: commands.flat(), origin, fork: false };
  throw new UsageError(
    "This is no sampling command: it names neither classifier_sample.py, image_sample.py nor super_res_sample.py (or a fork with its --model_path), and does not begin with their flags",
  );
}

export const sampleArguments = (text: string): readonly string[] => sampleCommand(text).args;

function originIn(text: string): Origin | undefined {
  if (/improved[-_]diffusion/i.test(text)) return "improved-diffusion";
  return /guided[-_]diffusion|classifier_sample/i.test(text) ? "guided-diffusion" : undefined;
}
