/** A wire before it is there: its loose end while it is held, and what it would be between two slots. */

export interface LooseEnd {
  readonly node: number;
  readonly slot: string;
  /** The slot's: the loose end looks for one of the other side. */
  readonly side: "output" | "input";
  readonly kind: string;
  /** What a tensor is: a gradient has a look and a name of its own. */
  readonly meaning?: string;
}

export interface Wish {
  readonly from: number;
  readonly output: string;
  readonly to: number;
  readonly input: string;
}

export const wishFrom = ({ node, slot, side }: LooseEnd, other: number, name: string): Wish =>
  side === "output"
    ? { from: node, output: slot, to: other, input: name }
    : { from: other, output: name, to: node, input: slot };
