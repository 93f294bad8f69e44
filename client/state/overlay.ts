/** Popups, menus and dialogs. */

import type { Point } from "../edit/graph.ts";
import type { LooseEnd } from "../edit/wish.ts";

export interface MenuItem {
  readonly label: string;
  readonly keys?: string;
  readonly run: () => void;
  readonly danger?: boolean;
  readonly disabled?: boolean;
}

/** What floats above everything; one at a time. */
export type Overlay =
  | {
      readonly is: "palette";
      readonly at: Point;
      readonly place: Point;
      readonly held?: LooseEnd;
      query: string;
      index: number;
      readonly into?: number;
    }
  | { readonly is: "menu"; readonly at: Point; readonly items: readonly (MenuItem | "-")[]; readonly label: string }
  | {
      readonly is: "field";
      readonly id: number;
      readonly name: string;
      readonly box: readonly [number, number, number, number];
    }
  | { readonly is: "problems" }
  | { readonly is: "group"; readonly index: number; readonly box: readonly [number, number, number, number] }
  | { readonly is: "note"; readonly id: number; readonly stroke: string }
  | { readonly is: "queue" }
  | { readonly is: "shortcuts" }
  | { readonly is: "settings" };
