/**
 * The grammar of the command line: `--flag value` or `--flag=value`; a value may be empty or begin with `-`; the last of
 * repeated flags wins, except for lists, which grow; booleans as the reference's scripts take them.
 */
import { didYouMean, meant } from "../../spelling/index.ts";
import { readDuration, readSize } from "../units.ts";
import { UsageError } from "./errors.ts";

export interface Flag {
  /**
   * A `switch` stands alone; a `list` may be repeated, and goes on over values that `more` accepts. A `duration` (2h) is
   * milliseconds, a `size` (8GiB) bytes.
   */
  readonly type: "text" | "boolean" | "integer" | "number" | "duration" | "size" | "switch" | "list";
  readonly help: string;
  /** How the help shows the value. */
  readonly value?: string;
  readonly short?: string;
  /** It is taken, and the help is silent of it. */
  readonly isUnlisted?: true;
  readonly choices?: readonly string[];
  /** The least and the most that a number may be; of a duration and a size as they are typed. */
  readonly min?: number | string;
  readonly max?: number | string;
  readonly more?: (value: string) => boolean;
}

export type Flags = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F["type"] extends "boolean" | "switch"
  ? boolean
  : F["type"] extends keyof typeof measures
    ? number
    : F["type"] extends "list"
      ? readonly string[]
      : F extends { readonly choices: readonly (infer C)[] }
        ? C
        : string;

/** What was typed, by flag; a flag that was not typed is absent. */
export type Given<T extends Flags> = { readonly [K in keyof T]?: ValueOf<T[K]> };

export interface Parsed<T extends Flags> {
  readonly given: Given<T>;
  readonly operands: readonly string[];
}

/** Throws a UsageError that names the flag, the value and what would do. */
export function parseFlags<T extends Flags>(args: readonly string[], flags: T): Parsed<T> {
  const given: Record<string, boolean | number | string | string[]> = {};
  const operands: string[] = [];
  const isFlag = (arg: string | undefined) => arg !== undefined && flagNamed(arg, flags) !== undefined;
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    if (!/^-[-a-zA-Z]/.test(arg)) {
      operands.push(arg);
      continue;
    }
    const name = flagNamed(arg, flags);
    if (name === undefined) throw unknown(arg, flags);
    const flag = flags[name];
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const next = () => {
      if (equals >= 0) return arg.slice(equals + 1);
      if (i + 1 >= args.length || isFlag(args[i + 1])) throw new UsageError(`--${name} needs ${wantedOf(flag)}`);
      return args[++i];
    };
    if (flag.type === "switch") given[name] = equals < 0 || asBoolean(name, next());
    else if (flag.type === "list") {
      const list = [...((given[name] as string[] | undefined) ?? []), next()];
      while (equals < 0 && i + 1 < args.length && !isFlag(args[i + 1]) && flag.more?.(args[i + 1]))
        list.push(args[++i]);
      given[name] = list;
    } else given[name] = typedValue(name, flag, next());
  }
  return { given: given as Given<T>, operands };
}

/** The flag that an argument names, in any of its forms. */
function flagNamed(arg: string, flags: Flags): string | undefined {
  if (arg.startsWith("--")) {
    const name = arg.slice(2).split("=", 1)[0];
    return Object.hasOwn(flags, name) ? name : undefined;
  }
  return arg.startsWith("-") ? Object.keys(flags).find((name) => flags[name].short === arg.slice(1)) : undefined;
}

function unknown(arg: string, flags: Flags): UsageError {
  const name = arg.split("=", 1)[0];
  const offers = meant(name.replace(/^-+/, ""), Object.keys(flags)).map((offer) => `--${offer}`);
  const set = "set" in flags ? ', and --set "Node title.parameter=value" sets what a node has' : "";
  return new UsageError(`Unknown flag ${name}${didYouMean(offers, { otherwise: `--help lists them${set}` })}`);
}

/** What is measured: its number (NaN when it is none), and what it is called. */
const measures = {
  integer: [(text: string) => (Number.isSafeInteger(plain(text)) ? plain(text) : Number.NaN), "a whole number"],
  number: [(text: string) => plain(text), "a number"],
  duration: [readDuration, "a time such as 90s, 30m or 2h"],
  size: [readSize, "a size such as 512MiB or 8GiB"],
} as const;

/** What is to follow a flag. */
function wantedOf({ type, choices }: Flag): string {
  if (type === "boolean") return "True or False";
  if (choices) return oneOf(choices);
  return Object.hasOwn(measures, type) ? measures[type as keyof typeof measures][1] : "a value";
}

const oneOf = (choices: readonly string[]): string => `${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`;

const plain = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

function typedValue(name: string, { type, choices, min, max }: Flag, text: string): boolean | number | string {
  if (type === "boolean") return asBoolean(name, text);
  if (Object.hasOwn(measures, type)) {
    const [read, called] = measures[type as keyof typeof measures];
    const number = read(text);
    if (!Number.isFinite(number)) throw new UsageError(`--${name} takes ${called}, not "${text}"`);
    const isBeyond = (bound: number | string | undefined, sign: 1 | -1) =>
      bound !== undefined && sign * (number - read(String(bound))) > 0;
    if (isBeyond(min, -1) || isBeyond(max, 1))
      throw new UsageError(`--${name} takes ${max === undefined ? `${min} or more` : `${min} to ${max}`}, not ${text}`);
    return number;
  }
  if (choices && !choices.includes(text)) throw new UsageError(`--${name} takes ${oneOf(choices)}, not "${text}"`);
  return text;
}

/** As guided_diffusion.script_util.str2bool reads them. */
function asBoolean(name: string, text: string): boolean {
  if (/^(yes|true|t|y|1)$/i.test(text)) return true;
  if (/^(no|false|f|n|0)$/i.test(text)) return false;
  throw new UsageError(`--${name} takes True or False, not "${text}"`);
}

/** The help text of a table of flags, one a line. */
export function describeFlags(flags: Flags): string {
  const listed = Object.entries(flags).filter(([, { isUnlisted }]) => !isUnlisted);
  const rows = listed.map(([name, { type, value, short, choices, help }]) => {
    const shown =
      value ??
      choices?.join("|") ??
      {
        text: "TEXT",
        boolean: "True|False",
        integer: "N",
        number: "X",
        duration: "TIME",
        size: "SIZE",
        switch: "",
        list: "VALUE",
      }[type];
    return [`${short ? `-${short}, ` : ""}--${name}${shown ? ` ${shown}` : ""}`, help] as const;
  });
  const width = Math.min(38, Math.max(...rows.map(([left]) => left.length)));
  return rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`.trimEnd()).join("\n");
}
