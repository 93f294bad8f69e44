/**
 * The file of --token-file: a line for each user, `ann: token` or `ann token`. A token without a name is the owner's; so
 * is that of a user called owner. Empty lines and those that begin with # say nothing.
 */

export interface NamedToken {
  /** Undefined: the owner's. */
  readonly name: string | undefined;
  readonly token: string;
}

const userName = /^[\p{L}\p{N}][\p{L}\p{N}._@-]{0,39}$/u;
const maxUsers = 1_000;

/** Throws a SyntaxError that names the line and says how it is written, and never what the token is. */
export function readTokens(text: string): readonly NamedToken[] {
  const tokens = text
    .split(/\r?\n/)
    .flatMap((line, i) => (/^\s*(#|$)/.test(line) ? [] : [{ ...readLine(line.trim(), i + 1), at: i + 1 }]));
  if (tokens.length === 0) throw new SyntaxError("it holds no token: give a secret, such as: openssl rand -base64 24");
  if (tokens.length > maxUsers) throw new SyntaxError(`it holds ${tokens.length} tokens: ${maxUsers} at most`);
  for (const key of ["token", "name"] as const) {
    const lines = new Map<string | undefined, number>();
    for (const { at, ...one } of tokens) {
      const before = lines.get(one[key]);
      if (before !== undefined)
        throw new SyntaxError(`lines ${before} and ${at} have the same ${one[key] === undefined ? "owner" : key}`);
      lines.set(one[key], at);
    }
  }
  return tokens.map(({ name, token }) => ({ name, token }));
}

function readLine(line: string, at: number): NamedToken {
  const [first, second, ...more] = line.split(/\s+/);
  if (more.length > 0) throw new SyntaxError(`line ${at} has more than a name and a token: a token has no spaces`);
  if (second === undefined) {
    if (first.includes(":"))
      throw new SyntaxError(`line ${at} needs a space after the name's colon, as in "ann: token"`);
    return { name: undefined, token: first };
  }
  const name = first.replace(/:$/, "");
  if (!userName.test(name))
    throw new SyntaxError(
      `line ${at}: a name has up to 40 letters, digits and . _ @ -, and begins with one of the first`,
    );
  return { name: name === "owner" ? undefined : name, token: second };
}
