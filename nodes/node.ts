/**
 * A node is one file: declaration above, pure `run` below. The same definition makes the editor's node, the planner's
 * checks, the help text and the node reference.
 */
import type { StructureType } from "../graphs/document/structures.ts";
import type { Context, MeasuredRows, Numbers } from "./context.ts";
import type { Drawing, Drawn } from "./drawing.ts";
import type { FactsOf } from "./kinds.ts";
import type { Known } from "./known.ts";
import type { Facts, Ports, Values } from "./port.ts";
import type { Saved } from "./saved.ts";

export interface NodeDefinition<I extends Ports = Ports, O extends Ports = Ports> {
  readonly type: `guidegraph/${string}`;
  /** Raised when old files need a migration. */
  readonly version: number;
  readonly title: string;
  /** Where the palette shows it. */
  readonly category: string;
  /** The tooltip: one sentence for a person holding the mouse. */
  readonly description: string;
  readonly equation?: string;
  /** The reference's function or the paper's term, by which the palette finds it too. */
  readonly reference?: string;
  readonly inputs: I;
  readonly outputs: O;
  /** Shows or saves, so it runs even when nothing changed, and a graph's targets are the nodes that have one. */
  readonly effect?: true;
  /** Reads `world.batch`: its value differs from batch to batch of one run. */
  readonly perBatch?: true;
  /** By the version they start from: how a node of an old file becomes one of the next version. */
  readonly migrations?: { readonly [from: number]: Migration };
  /** Facts of the outputs from those of the inputs; refuses what cannot run. The editor and the planner call the same function. */
  infer?(facts: Facts<I>, known: Known): { readonly [N in keyof O]?: FactsOf<O[N]["kind"]> };
  /** What it leaves on the disk, by the facts of its inputs. */
  saves?(facts: Facts<I>): Saved;
  /** What of its typed parameters comes out otherwise than it was typed, or does not use what is wired: a sentence by the name of each. */
  notes?(
    parameter: (name: keyof I & string) => unknown,
    isWired: (name: keyof I & string) => boolean,
  ): { readonly [N in keyof I]?: string | undefined };
  /**
   * What may not be meant by what is known of its inputs and outputs before a run: a sentence by an input's name.
   * `isDifferentiated`: whether a Differentiate draws it, on the way from its variable to what is differentiated.
   */
  notesOf?(
    given: Facts<I>,
    made: Facts<O>,
    isDifferentiated: boolean,
  ): { readonly [N in keyof I]?: string | undefined };
  /**
   * What of its values in the steps of a loop may not be meant, a sentence by an input's name. `steps`: what is known of its inputs
   * in each before a run, in the order they are taken; `loop`: how the loop is called.
   */
  notesAlong?(steps: readonly Partial<Values<I>>[], loop: string): { readonly [N in keyof I]?: string | undefined };
  /** Whether it takes a draw of the noise that it is given, by typed parameters; absent: it does. Undefined: a wire says. */
  draws?(parameter: (name: keyof I & string) => unknown): boolean;
  /** Which of its lazy inputs it needs, by its parameters: the others may not be there yet. Absent: all. */
  needs?(inputs: Values<I>): readonly (keyof I & string)[];
  run(inputs: Values<I>, world: Context): Values<O> | Promise<Values<O>>;
  /** Of a measure: what the rows that `run` kept (outputs.measure) come to. Whoever calls it may have drawn no batch. */
  conclude?(rows: MeasuredRows): Promise<Numbers>;
  /** The same in operators of ONNX: what a Differentiate and an export draw. */
  draw?(inputs: Drawn<I>, drawing: Drawing): Drawn<O>;
  /** Why no Differentiate draws it, after its name: "rounds to bytes". With `draw`, an export does. */
  readonly undrawn?: string;
  /** It makes x as noisy as a step is that a loop climbs to. */
  readonly climbs?: true;
  /** By which of its parameters its draws are known: of another size they are the same in what both have. Undefined: by all of them. */
  stream?(parameter: (name: keyof I & string) => unknown): readonly unknown[] | undefined;
  /** How noisy the x is that it gives: pure noise, or as its step is, or the one before or behind that. */
  readonly levels?: { readonly [N in keyof O]?: Level };
  /** What it gives are inputs of an exported graph: noise, labels, files. */
  readonly enters?: true;
  /** Its `run` computes at once and asks nothing of the world, so planning may call it where all that it is given was typed. */
  readonly foretold?: true;
  /** The number among its inputs that is all it gives: an export takes it to be typed wherever it is read. */
  readonly handsOn?: keyof I & string;
  /**
   * By the names of inputs: it gives `before` with `each` behind it where `when` is not 0, else `before` as it is. Of what a loop
   * carries so, an export takes a turn's part from each turn.
   */
  readonly collects?: Readonly<Record<"each" | "before" | "when", keyof I & string>>;
  /** Refuses a gradient that would not flow, by what is known before a run. */
  flows?(facts: Facts<I>, known: Known): void;
}

export type Level = "pure" | "step" | "earlier" | "later";

/** From one version of a definition to the next. */
export interface Migration {
  /** Old name → new name, of a wired input and of a parameter alike. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  /** Parameters under their new names, when their values change too. */
  properties?(old: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>>;
}

export const defineNode = <const I extends Ports, const O extends Ports>(definition: NodeDefinition<I, O>) =>
  definition;

/** Has no `run`: the planner dissolves it. Its ports are its own and its inner graph's; `gives` is what it supplies inside. */
export interface Structure {
  readonly type: StructureType;
  readonly version: number;
  readonly title: string;
  readonly category: string;
  readonly description: string;
  readonly equation?: string;
  readonly reference?: string;
  /** Ports of its own beside the inner graph's. */
  readonly inputs: Ports;
  readonly outputs: Ports;
  readonly gives: Ports;
}

// biome-ignore lint/suspicious/noExplicitAny: a registry holds definitions of all port types; each is checked where it is defined.
export type AnyNode = NodeDefinition<any, any>;
export type Registry = Readonly<Record<string, AnyNode | Structure>>;

export const isStructure = (entry: AnyNode | Structure): entry is Structure => !("run" in entry);

/**
 * What a person must change in the graph. `path` is the node ("7/3"), where it is known; `port` the slot or parameter;
 * `typed` the parameter of the node that feeds `port`, where what is wrong was typed there.
 */
export class GraphError extends Error {
  override readonly name = "GraphError";
  constructor(
    message: string,
    readonly port?: string,
    readonly path?: string,
    readonly typed?: string,
  ) {
    super(message);
  }
}

/** What is behind a handle cannot be had. That is wrong where the handle was made, whoever asks it. */
export class HandleError extends GraphError {
  constructor(
    message: string,
    port: string | undefined,
    readonly handle: object,
  ) {
    super(message, port);
  }
}
