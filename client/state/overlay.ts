/**
 * What floats above everything, one at a time. What a kind of overlay carries is declared in the file that draws it
 * (`panels/overlays/`), as elements are declared in `HTMLElementTagNameMap`; a menu, which many make, is declared here.
 */
import type { Point } from "../edit/graph.ts";

export interface MenuItem {
  readonly label: string;
  readonly keys?: string;
  readonly run: () => void;
  readonly danger?: boolean;
  readonly disabled?: boolean;
}

export interface Overlays {
  menu: { readonly at: Point; readonly items: readonly (MenuItem | "-")[]; readonly label: string };
}

export type OverlayName = keyof Overlays;

export type Overlay<Name extends OverlayName = OverlayName> = {
  [Is in Name]: { readonly is: Is } & Overlays[Is];
}[Name];
