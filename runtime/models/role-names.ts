/** The inputs and outputs of a file as flags name them, by role. */

/** Names typed by the user, by role. */
export type RoleNames = Readonly<Partial<Record<"x" | "t" | "y" | "low_res" | "condition" | "out" | "logits", string>>>;

/** `--x input --logits probabilities`: names of inputs and outputs; the rest are the reference's flags. */
export function splitNames(flags: string): { names: RoleNames; rest: string } {
  const names: Record<string, string> = {};
  const rest = flags.replace(
    /(?:^|\s)--(x|t|y|low_res|condition|out|logits)(?:=|\s+)(?:"([^"]*)"|(\S+))/g,
    (_, name, quoted, plain) => {
      names[name] = quoted ?? plain;
      return " ";
    },
  );
  return { names, rest };
}
