/** What everything that paints is given. */
import type { Palette, Theme } from "../look/theme.ts";

export interface Pen {
  readonly ctx: CanvasRenderingContext2D;
  readonly palette: Palette;
  readonly theme: Theme;
  /** Screen pixels per canvas pixel. */
  readonly scale: number;
}

export interface CardMood {
  readonly selected: boolean;
  /** While a wire is held: what does not fit fades. */
  readonly dimmed: boolean;
  /** Slots that the held wire fits. */
  readonly glowing: ReadonlySet<string>;
}
