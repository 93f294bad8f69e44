/**
 * The words of a command as a shell would make them, as far as sampling commands go: quotes, backslashes, lines that go on
 * (of cmd.exe and PowerShell, too), comments, redirections, and variables and arrays set before. Nothing is run, so what
 * a command would compute is refused.
 */
import { UsageError } from "../flags/errors.ts";

/** Variables that stand for others may double with each line; no command is so long. */
const maxLength = 100_000;

const name = "[A-Za-z_]\\w*";
/** A quoted part keeps its blanks and, in single quotes, its dollars. */
const part = new RegExp(
  [
    "\\\\(?<escaped>[\\s\\S])",
    "'(?<single>[^']*)'",
    '"(?<double>(?:\\\\[\\s\\S]|[^"\\\\])*)"',
    `\\$\\{(?<braced>${name}(?:\\[[@*]\\])?)(?::?[-=](?<otherwise>[^}]*))?\\}`,
    `\\$(?<name>${name}|\\d)`,
    "(?<plain>[^\\s\\\\'\"$;&|#<>()]+|[$#)])",
  ].join("|"),
  "y",
);
const inDouble = new RegExp(
  `\\\\([\\\\"$\`])|\\$\\{(${name}(?:\\[[@*]\\])?)(?::?[-=]([^}]*))?\\}|\\$(${name}|\\d)`,
  "g",
);
const assignment = new RegExp(`^(${name})(\\+?)=([\\s\\S]*)$`);
/** They stand before assignments and commands, and are neither. */
const before = new Set(["export", "env", "declare", "local", "readonly", "set", "time", "nohup"]);

/** The commands of a text, each its words; assignments set variables and are none. Throws a UsageError. */
export function shellCommands(given: string): string[][] {
  const windows = /\^[ \t]*\r?\n|`[ \t]*\r?\n|(?:^|[\s"'=])(?:[A-Za-z]:|\.{1,2})\\/.test(given);
  const text = withCmdVariables(given.replace(windows ? /(?:[\^`]|(?<=\s)\\)[ \t]*\r?\n/g : /\\\r?\n/g, " "), windows);
  const variables = new Map<string, readonly string[]>();
  /** Variables that a `for` gives one value after another. */
  const loops = new Set<string>();
  const commands: string[][] = [];
  let words: string[] = [];
  let word: string | undefined;
  /** The array that is being set; its words are collected apart. */
  let array: { readonly name: string; readonly items: string[] } | undefined;
  /** The next word is where output goes. */
  let redirected = false;

  const end = () => {
    const done = word;
    word = undefined;
    if (done === undefined) return;
    if (redirected) {
      redirected = false;
      return;
    }
    if (array) {
      array.items.push(done);
      return;
    }
    const [, variable, more, value] = assignment.exec(done) ?? [];
    const leads = words.every((one) => before.has(one));
    if (variable === undefined || !leads) words.push(done);
    else variables.set(variable, [`${more ? (variables.get(variable)?.join(" ") ?? "") : ""}${value}`]);
  };
  const endCommand = () => {
    end();
    redirected = false;
    const rest = words.filter((one, i) => !(before.has(one) && words.slice(0, i).every((w) => before.has(w))));
    if (rest.length > 0) commands.push(rest);
    if (rest[0] === "for" && rest[2] === "in") loops.add(rest[1]);
    words = [];
  };

  let length = 0;
  const itemsOf = (braced: string, behind: string, otherwise?: string): readonly string[] => {
    const plain = braced.replace(/\[.*$/, "");
    const known = variables.get(plain) ?? (otherwise === undefined ? undefined : [otherwise]);
    // A folder of the other machine ($HOME/m.pt, -v $PWD:/w): where a file was is no matter here.
    const value = known ?? (/^[/\\:]/.test(behind) ? [`$${plain}`] : undefined);
    if (value === undefined && loops.has(plain))
      throw new UsageError(`The command stands in a loop over $${plain}: put one of its values in its place`);
    if (value === undefined) throw new UsageError(`The command uses $${plain}: paste the line that sets it, too`);
    length += value.reduce((sum, item) => sum + item.length, 0);
    if (length > maxLength)
      throw new UsageError(`The command's variables come to more than ${maxLength} characters (at $${plain})`);
    // $NAME is the first of an array.
    return braced === plain ? value.slice(0, 1) : value;
  };
  const add = (piece: string) => {
    word = (word ?? "") + piece;
  };
  const addItems = (items: readonly string[]) => {
    for (const [i, item] of items.entries()) {
      if (i > 0) end();
      add(item);
    }
  };

  for (let i = 0; i < text.length; ) {
    const char = text[i];
    if (char === "\n" && !array) {
      endCommand();
      i++;
    } else if (/\s/.test(char)) {
      end();
      i++;
    } else if (char === "#" && word === undefined) {
      const lineEnd = text.indexOf("\n", i);
      i = lineEnd < 0 ? text.length : lineEnd;
    } else if (/^(?:&>|[<>])/.test(text.slice(i, i + 2))) {
      i = redirection(i);
    } else if (/[;&|]/.test(char)) {
      endCommand();
      i++;
    } else if (char === "(") {
      const [, variable, more] = assignment.exec(word ?? "") ?? [];
      if (variable === undefined) endCommand();
      else array = { name: variable, items: more ? [...(variables.get(variable) ?? [])] : [] };
      word = undefined;
      i++;
    } else if (char === ")" && array) {
      end();
      variables.set(array.name, array.items);
      array = undefined;
      i++;
    } else i = quotedOrPlain(i);
  }
  endCommand();
  return commands;

  /** `> log.txt`, `2>&1`, `&>> log.txt`, `< in`: where it goes is no matter here. */
  function redirection(at: number): number {
    if (/^[<>]\(/.test(text.slice(at, at + 2))) throw computed(text.slice(at, at + 20));
    if (word !== undefined && /^\d+$/.test(word)) word = undefined;
    end();
    const [operator] = /^&?[<>]{1,3}[|&]?/.exec(text.slice(at, at + 5)) ?? [""];
    const [target = ""] = operator.endsWith("&") ? (/^[\d-]+/.exec(text.slice(at + operator.length)) ?? []) : [];
    redirected = target === "";
    return at + operator.length + target.length;
  }

  function quotedOrPlain(at: number): number {
    if (text[at] === "`" || text.startsWith("$(", at)) throw computed(text.slice(at, at + 40));
    // A Windows path: cmd.exe has no escapes, and no shell's user escapes a letter.
    if (text[at] === "\\" && (windows || /[\p{L}\p{N}_.]/u.test(text[at + 1] ?? ""))) {
      add("\\");
      return at + 1;
    }
    part.lastIndex = at;
    const found = part.exec(text);
    if (!found?.groups) throw new UsageError(`A quote is opened and not closed: ${text.slice(at, at + 40)}`);
    const { escaped, single, double, name, braced, otherwise, plain } = found.groups;
    if (name !== undefined || braced !== undefined) {
      // Unquoted, a variable's blanks part words.
      const items = itemsOf(name ?? braced, text[part.lastIndex] ?? "", otherwise).flatMap((item) => item.split(/\s+/));
      addItems(items.length > 0 ? items : [""]);
    } else if (double !== undefined) {
      if (/(?<!\\)(?:\$\(|`)/.test(double)) throw computed(double.slice(0, 40));
      const whole = /^\$\{(\w+\[@\])\}$/.exec(double);
      if (whole) addItems(itemsOf(whole[1], ""));
      else if (windows) add(double);
      else
        add(
          double.replace(
            inDouble,
            (all: string, escaped, braced, otherwise, name, at: number) =>
              escaped ??
              itemsOf(braced ?? name, double[at + all.length] ?? text[part.lastIndex] ?? "", otherwise).join(" "),
          ),
        );
    } else if (plain?.includes("`") && !windows) throw computed(plain);
    else add(escaped ?? single ?? plain ?? "");
    return part.lastIndex;
  }
}

const computed = (what: string): UsageError =>
  new UsageError(
    `The command computes a part of itself (${what.trim()}): nothing is run here, so put what that gives in its place`,
  );

/** cmd.exe: `set FLAGS=--x 1`, then `%FLAGS%`. */
function withCmdVariables(text: string, windows: boolean): string {
  if (!windows && !/%\w+%/.test(text)) return text;
  const variables = new Map<string, string>();
  return text
    .split("\n")
    .map((line) => {
      const [, variable, value] = /^\s*set\s+"?(\w+)=([^"\r]*)"?\r?$/i.exec(line) ?? [];
      const used = (some: string) =>
        some.replace(/%(\w+)%/g, (_, name: string) => {
          const found = variables.get(name.toLowerCase());
          if (found === undefined) throw new UsageError(`The command uses %${name}%: paste the line that sets it, too`);
          return found;
        });
      if (variable === undefined) return checked(used(line));
      variables.set(variable.toLowerCase(), checked(used(value)));
      return "";
    })
    .join("\n");
}

function checked(text: string): string {
  if (text.length > maxLength)
    throw new UsageError(`The command's variables come to more than ${maxLength} characters`);
  return text;
}
