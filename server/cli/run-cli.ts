/** `guidegraph …`: finds the command, shows help, and turns what it throws into lines and an exit status. */
import { didYouMean, meant, near } from "../../spelling/index.ts";
import { packageVersion } from "../files/package-root.ts";
import { UsageError } from "../flags/errors.ts";
import { describeFlags } from "../flags/grammar.ts";
import type { Command, Terminal } from "./command.ts";
import { commands } from "./commands.ts";
import { exitCodeOf, linesOf } from "./errors.ts";

/** Runs one command line (without node and script) and resolves to its exit status; never rejects. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  const [name = "--help", ...rest] = args;
  try {
    if (name === "--version" || name === "-v" || name === "version") {
      terminal.out(packageVersion());
      return 0;
    }
    if (name === "--help" || name === "-h" || name === "help") {
      terminal.out(rest[0] !== undefined ? helpOf(rest[0], commandOf(rest[0])) : overview());
      return 0;
    }
    const command = commandOf(name);
    if (rest.includes("--help") || rest.includes("-h")) {
      terminal.out(helpOf(name, command));
      return 0;
    }
    return await command.run(rest, terminal);
  } catch (error) {
    if (terminal.signal.aborted) return interrupted;
    for (const line of linesOf(error)) terminal.err(`${line}\n`);
    return exitCodeOf(error);
  }
}

/** What shells expect of a program that Ctrl-C ended: 128 + SIGINT. */
export const interrupted = 130;

/** What stands without a command. */
const globalFlags = ["help", "version"];

function commandOf(name: string): Command {
  if (Object.hasOwn(commands, name)) return commands[name];
  const dashes = /^-*/.exec(name)?.[0] ?? "";
  const all = Object.keys(commands).join(", ");
  if (dashes !== "") {
    const flags = near(name.slice(dashes.length), globalFlags).map((flag) => `--${flag}`);
    const offer = didYouMean(flags, { otherwise: `a command stands first: ${all}` });
    throw new UsageError(`Unknown flag ${name} before a command${offer}`);
  }
  const offers = meant(name, [...Object.keys(commands), ...globalFlags]);
  throw new UsageError(`Unknown command "${name}"${didYouMean(offers, { otherwise: `there are ${all}` })}`);
}

const overview = (): string =>
  [
    "guidegraph: classifier-guided diffusion as a graph",
    "",
    ...Object.values(commands).map(({ usage, summary }) => `  guidegraph ${usage}\n      ${summary}`),
    "",
    "guidegraph COMMAND --help tells more; guidegraph --version prints the version.",
  ].join("\n");

const helpOf = (name: string, { usage, description, flags }: Command): string =>
  [`guidegraph ${usage || name}`, "", description, "", describeFlags(flags)].join("\n");
