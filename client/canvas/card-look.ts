/** What a card says: slots, parameters, one line of facts. */
import type { Off } from "../../graphs/document/index.ts";
import type { ShownParameter } from "../edit/parameters.ts";

export interface CardSlot {
  readonly name: string;
  readonly kind: string;
  readonly meaning?: string;
  readonly wired: boolean;
  /** Required, and nothing feeds it. */
  readonly missing: boolean;
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
  readonly rows: readonly ShownParameter[];
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
