import type { Spot } from "./host.ts";

/** What follows a press until the pointer is lifted. */
export interface Drag {
  move?(at: Spot, event: PointerEvent): void;
  /** `moved`: the pointer went further than a click does. */
  end?(at: Spot, moved: boolean, event: PointerEvent): void;
  cancel?(): void;
}
