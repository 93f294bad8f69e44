/**
 * The numbers that are typed in a graph. One is an input of what is exported where everything takes it as it is; where anything
 * computes with it (a formula, a table of steps, a size), it is built in for all: were it both, no run would be like it once it is changed.
 */
import type { NodeStep, Typed } from "../executor/index.ts";
import type { Wired } from "./traced.ts";

/** A number that would be an input, if nothing computed with it. */
export interface BuiltIn {
  readonly node: Typed;
  readonly value: number;
  /** The title of what computes with it. */
  readonly by: string;
}

export class TypedNumbers {
  readonly #taken = new Map<string, Omit<BuiltIn, "by">>();
  readonly #computed = new Map<string, string>();

  /** `builtIn`: those known to be, which are no inputs. */
  constructor(readonly builtIn: ReadonlyMap<string, BuiltIn> = new Map()) {}

  /** Takes one as it is. False where it is built in. */
  take(node: Typed, value: number): boolean {
    const key = keyOf(node);
    if (this.builtIn.has(key)) return false;
    this.#taken.set(key, { node, value });
    return true;
  }

  /** Something of that title computes with one. */
  compute(node: Typed, by: string): void {
    const key = keyOf(node);
    if (!this.#computed.has(key)) this.#computed.set(key, by);
  }

  /** Those that were both, by which the graph is to be traced anew; with those known before. None: nothing was. */
  get torn(): ReadonlyMap<string, BuiltIn> | undefined {
    const both = [...this.#taken].flatMap(([key, taken]) => {
      const by = this.#computed.get(key);
      return by === undefined ? [] : [[key, { ...taken, by }] as const];
    });
    return both.length === 0 ? undefined : new Map([...this.builtIn, ...both]);
  }
}

const keyOf = ({ path, port }: Typed): string => `${path} ${port}`;

/** Where a number was typed that a node gives as it is. */
export function handedOn({ handsOn }: NodeStep["definition"], inputs: Wired): Typed | undefined {
  const given = inputs.find(([port]) => port === handsOn)?.[1];
  return given?.is === "known" ? given.typed : undefined;
}
