/**
 * Ports are plain data, so that they can be sent to an editor; the types of a node's arguments and results come from
 * them. The litegraph slot type is `kind` alone; size and meaning are facts, checked by `infer`.
 */
import type { FileKind } from "./file-kinds.ts";
import type { FactsOf, Kind, Meaning, PlainKind, ValueOf } from "./kinds.ts";

export interface Port<K extends Kind = Kind, Optional extends boolean = boolean> {
  readonly kind: K;
  readonly optional: Optional;
  readonly help?: string;
  readonly meaning?: Meaning;
  /** Its node may do without it (`needs`): then what only it would read is not computed, and `run` finds it undefined. */
  readonly lazy?: true;
  /** Its node looks at the facts of a handle alone, and runs nothing of what is behind it. */
  readonly factsAlone?: true;
  /** What the step before made of it, carried by the loop: without it every step is like the first. */
  readonly carried?: true;
  /** Of a step: its node asks for no noise of it, so that it may be a counted one. */
  readonly counted?: true;
  /** Of an output: another thing than whatever enters, which a bypassed node does not give in its place; so is a meaning of its own. */
  readonly own?: true;
  /** A widget in the editor and a named property in the file, used when nothing is wired. */
  readonly parameter?: Parameter;
}

export interface Parameter {
  readonly default: number | string | boolean;
  readonly min?: number;
  readonly max?: number;
  readonly integer?: boolean;
  readonly choices?: readonly string[];
  /** What an empty text means, in a word or two; where it is not chosen of a list it is worth a row of the card then. */
  readonly empty?: string;
  /** The text is the id of a listed file. */
  readonly file?: FileKind;
  /** The text is the SHA-256 of the file that the parameter of this name names: it is written when the file is used, and cleared with another file. */
  readonly pins?: string;
  /** A text of several lines that people read; nothing computes with it, so no wire supplies it. */
  readonly prose?: true;
  /** The text is a formula: an editor gives it a line of its own, and shows it as an equation. */
  readonly formula?: true;
  /** Few set it: its card shows it only where it is another than the default. */
  readonly aside?: true;
  /** A seed, which an editor offers to draw anew. */
  readonly seed?: boolean;
}

export type Ports = Readonly<Record<string, Port>>;

type Absent<P extends Ports> = { [N in keyof P]: P[N]["optional"] extends true ? N : never }[keyof P];

export type Values<P extends Ports> = string extends keyof P
  ? Readonly<Record<string, unknown>>
  : { readonly [N in Exclude<keyof P, Absent<P>>]: ValueOf<P[N]["kind"]> } & {
      readonly [N in Absent<P>]?: ValueOf<P[N]["kind"]> | undefined;
    };

/** Facts of what is wired; an input that is not wired has none. */
export type Facts<P extends Ports> = string extends keyof P
  ? Readonly<Record<string, object | undefined>>
  : { readonly [N in keyof P]?: FactsOf<P[N]["kind"]> | undefined };

interface PortOptions<O extends boolean> {
  readonly optional?: O;
  readonly help?: string;
}

/** A port that must be wired (or may be, with `optional`). */
const wired =
  <K extends Kind>(kind: K) =>
  <const O extends boolean = false>({
    optional,
    ...rest
  }: PortOptions<O> & Pick<Port, "meaning" | "lazy" | "factsAlone" | "carried" | "counted" | "own"> = {}): Port<
    K,
    O
  > => ({
    kind,
    optional: (optional ?? false) as O,
    ...rest,
  });

export const model = wired("model");
export const classifier = wired("classifier");
export const schedule = wired("schedule");
export const labels = wired("labels");
export const noise = wired("noise");
export const condFn = wired("cond_fn");
export const network = wired("network");
export const step = wired("step");
export const tensor = wired("tensor");
export const modelOutput = wired("model_output");
export const prediction = wired("prediction");
export const image = wired("image");
/** A tensor, or a number. */
export const operand = wired("number,tensor");

/** Outputs of the three plain kinds; as inputs they are parameters. */
export const numberOut = wired("number");
export const textOut = wired("text");

/** A parameter always has a value: its own, or the wire's. `run` therefore never sees it absent. */
const parameter =
  <K extends PlainKind>(kind: K) =>
  ({ help, ...rest }: Parameter & { readonly default: ValueOf<K>; readonly help?: string }): Port<K, false> => ({
    kind,
    optional: false,
    ...(help === undefined ? {} : { help }),
    parameter: rest,
  });

export const number = parameter("number");
/** A number for all samples; a wire may bring one for each, N×1×1×1. */
export const numbers = parameter("number,tensor");
export const text = parameter("text");
export const boolean = parameter("boolean");
