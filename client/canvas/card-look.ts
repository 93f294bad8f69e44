/** What a card says: slots, parameters, one line of facts. */
import type { Off } from "../../graphs/document/index.ts";
import type { Parameter } from "../../nodes/port.ts";

export interface CardSlot {
  readonly name: string;
  readonly kind: string;
  readonly meaning?: string;
  readonly wired: boolean;
  /** Required, and nothing feeds it. */
  readonly missing: boolean;
}

export interface Row {
  readonly name: string;
  readonly kind: string;
  readonly parameter: Parameter;
  readonly value: unknown;
  /** The value as it is read by a person: "from model", "star". */
  readonly shown: string;
}

/** A text to be read, and how wide it is laid out. */
export interface NoteLook {
  readonly text: string;
  readonly heading?: string;
  readonly width: number;
}

export interface CardLook {
  /** A note is a text without a head, a reroute a dot on its wire. */
  readonly form: "node" | "note" | "reroute";
  readonly title: string;
  /** Kind and meaning of its main output: the glyph and the tint of its head. */
  readonly kind: string;
  readonly meaning?: string;
  readonly inputs: readonly CardSlot[];
  readonly outputs: readonly CardSlot[];
  readonly rows: readonly Row[];
  readonly caption?: string;
  /** Has room for a picture. */
  readonly shows: boolean;
  readonly opens: boolean;
  readonly unknown: boolean;
  /** It does not move. */
  readonly pinned: boolean;
  readonly off: Off | undefined;
  readonly note?: NoteLook;
}

/** What a value is a part of, or undefined where there is no range worth drawing. */
export function rangeOf({
  parameter: { min, max },
  kind,
}: Pick<Row, "parameter" | "kind">): [number, number] | undefined {
  return kind === "number" && min !== undefined && max !== undefined && max - min <= 1000 ? [min, max] : undefined;
}
