/** What the pointer rests on, without a press: its words, its cursor, and the wire that stands out. */
import type { Card } from "../card.ts";
import type { Hit, HitKind } from "../hit.ts";
import type { HoverTarget, Spot } from "../host.ts";
import type { Stage } from "./stage.ts";

const cursors = {
  slot: "crosshair",
  row: "pointer",
  opener: "pointer",
  edge: "ew-resize",
  card: "default",
  link: "pointer",
  group: "default",
  nothing: "default",
} satisfies Record<HitKind, string>;

const ofCard = ({ card }: { readonly card: Card }): HoverTarget => ({ on: "card", id: card.id });
const silent = () => undefined;

/** Of what there is something to say. */
const targets: { readonly [On in HitKind]: (hit: Hit<On>) => HoverTarget | undefined } = {
  slot: ({ card, side, name }) => ({ on: "slot", id: card.id, side, name }),
  row: ({ card, row }) => ({ on: "slot", id: card.id, side: "input", name: card.look.rows[row].name }),
  opener: ofCard,
  edge: silent,
  card: ofCard,
  link: (hit) => hit,
  group: silent,
  nothing: silent,
};
const targetOf = <On extends HitKind>(hit: Hit<On>): HoverTarget | undefined => targets[hit.on](hit);

/** Also the one into an input: of a card that wires run behind, that is where one asks. */
function linkAt(hit: Hit): number | undefined {
  if (hit.on === "link") return hit.id;
  return hit.on === "slot" && hit.side === "input" ? (hit.card.inputs[hit.index]?.link ?? undefined) : undefined;
}

export function hover({ host, hitAt, mark, point }: Pick<Stage, "host" | "hitAt" | "mark" | "point">, at: Spot): void {
  const hit = hitAt(at.canvas);
  host.hover(targetOf(hit), at.screen);
  mark(linkAt(hit));
  point(cursors[hit.on]);
}
