/** A wire in hand: what fits glows, what does not says why at the cursor, and a refused wire never drops the one that was there. */
import { type Held, heldName } from "../edit/fit.ts";
import type { Point } from "../edit/graph.ts";
import type { Card } from "./card.ts";
import type { EditorCanvas } from "./editor-canvas.ts";
import type { Drag } from "./gestures.ts";
import { slotAt } from "./hit.ts";

interface Start {
  readonly card: Card;
  readonly side: "input" | "output";
  readonly index: number;
}

export function dragWire(canvas: EditorCanvas, start: Start): Drag {
  const { host, scene } = canvas;
  const lifted = start.side === "input" ? start.card.inputs[start.index].link : undefined;
  const from = lifted == null ? start : originOf(canvas, lifted);
  const slot = (from.side === "output" ? from.card.outputs : from.card.inputs)[from.index];
  const shown = (from.side === "output" ? from.card.look.outputs : from.card.look.inputs)[from.index];
  const held: Held = {
    node: from.card.id,
    slot: slot.name,
    side: from.side,
    kind: String(slot.type),
    ...(shown?.meaning && { meaning: shown.meaning }),
  };
  const [x, y] = from.card.getConnectionPos(from.side === "input", from.index);
  let target: { readonly id: number; readonly slot: string } | undefined;
  let refused = false;

  function begin(): void {
    scene.fitting = fittingSlots(canvas, held);
    if (lifted != null) scene.lifted = lifted;
    canvas.dirty();
  }
  function clear(): void {
    scene.held = undefined;
    scene.fitting = undefined;
    scene.lifted = undefined;
    host.tip(undefined, [0, 0]);
    canvas.dirty();
  }
  function aim([px, py]: Point): { reason?: string; end: Point } {
    target = undefined;
    const side = held.side === "output" ? "input" : "output";
    const hit = slotAt(canvas, px, py, 14);
    if (hit && hit.side === side) {
      const { name } = (side === "input" ? hit.card.inputs : hit.card.outputs)[hit.index];
      const reason = host.refusal(held, hit.card.id, name);
      const [ex, ey] = hit.card.getConnectionPos(side === "input", hit.index);
      if (reason === undefined) target = { id: hit.card.id, slot: name };
      return { ...(reason !== undefined && { reason }), end: [ex, ey] };
    }
    const card = canvas.projection.graph.getNodeOnPos(px, py) as Card | null;
    if (!card || card.id === held.node) return { end: [px, py] };
    const best = host.bestSlot(held, card.id);
    if (best === undefined) return { reason: noneFits(card, held), end: [px, py] };
    target = { id: card.id, slot: best };
    const index = (side === "input" ? card.inputs : card.outputs).findIndex(({ name }) => name === best);
    const [ex, ey] = card.getConnectionPos(side === "input", index);
    return { end: [ex, ey] };
  }

  return {
    move({ canvas: at, screen }) {
      if (!scene.fitting) begin();
      const { reason, end } = aim(at);
      refused = reason !== undefined;
      scene.held = {
        from: [x, y],
        to: end,
        kind: held.kind,
        ...(shown?.meaning && { meaning: shown.meaning }),
        refused,
        reversed: held.side === "input",
      };
      host.tip(reason, screen);
      canvas.stir();
    },
    end(spot, moved) {
      clear();
      if (!moved) return;
      if (target) {
        const { id, slot: name } = target;
        const replaced = lifted ?? undefined;
        if (held.side === "output") host.connect(held.node, held.slot, id, name, replaced);
        else host.connect(id, name, held.node, held.slot, replaced);
      } else if (refused) return;
      else if (lifted != null) host.disconnect(lifted);
      else host.palette(spot, held);
    },
    cancel: clear,
  };
}

const noneFits = ({ look }: Card, held: Held): string =>
  `${look.title} has no ${held.side === "output" ? "input" : "output"} for this. The wire carries: ${heldName(held)}.`;

function originOf({ projection: { graph } }: EditorCanvas, link: number): Start {
  const { origin_id, origin_slot } = graph.links[link];
  return { card: graph.getNodeById(origin_id) as Card, side: "output", index: origin_slot };
}

function fittingSlots({ projection: { cards }, host }: EditorCanvas, held: Held): ReadonlySet<string> {
  const side = held.side === "output" ? "inputs" : "outputs";
  const fits = new Set([`${held.node} ${held.side}s ${held.slot}`]);
  for (const card of cards.values())
    for (const { name } of card[side])
      if (host.refusal(held, card.id, name) === undefined) fits.add(`${card.id} ${side} ${name}`);
  return fits;
}
