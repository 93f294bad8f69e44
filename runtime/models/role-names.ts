/** The inputs and outputs of a file as flags name them, by role. */

const roles = ["x", "t", "y", "low_res", "condition", "out", "logits"] as const;

/** Names typed by the user, by role. */
export type RoleNames = Readonly<Partial<Record<(typeof roles)[number], string>>>;

export const isRoleName = (name: string): boolean => (roles as readonly string[]).includes(name);

/** The same in a card beside the file. Throws a SyntaxError for a name that is no text; what is no card others say. */
export function namesInCard(card: string | undefined): RoleNames {
  const told = card === undefined ? {} : (asObject(card) as Readonly<Record<string, unknown>>);
  const named = roles.filter((role) => told[role] !== undefined);
  for (const role of named)
    if (typeof told[role] !== "string")
      throw new SyntaxError(`${role} in a model card must be the name of one, as text`);
  return Object.fromEntries(named.map((role) => [role, told[role]]));
}

function asObject(card: string): object {
  try {
    return Object(JSON.parse(card));
  } catch {
    return {};
  }
}

/** `--x input --logits probabilities`: names of inputs and outputs; the rest are the reference's flags. */
export function splitNames(flags: string): { names: RoleNames; rest: string } {
  const names: Record<string, string> = {};
  const rest = flags.replace(
    new RegExp(`(?:^|\\s)--(${roles.join("|")})(?:=|\\s+)(?:"([^"]*)"|(\\S+))`, "g"),
    (_, name, quoted, plain) => {
      names[name] = quoted ?? plain;
      return " ";
    },
  );
  return { names, rest };
}
