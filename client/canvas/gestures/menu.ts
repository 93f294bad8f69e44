/** The menu of what is under the pointer; a card that was not selected is then. */
import type { Spot } from "../host.ts";
import type { Stage } from "./stage.ts";

export function openMenu({ host, selection, hitAt }: Pick<Stage, "host" | "selection" | "hitAt">, at: Spot): void {
  const hit = hitAt(at.canvas);
  if (hit.on === "link" || hit.on === "group") host.menu(at, hit);
  else if (!("card" in hit)) host.menu(at, { on: "canvas" });
  else {
    const { id } = hit.card;
    if (!selection.has(id)) host.select(new Set([id]));
    host.menu(at, { on: "node", id });
  }
}
