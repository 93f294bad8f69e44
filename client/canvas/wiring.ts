/** A wire in hand: what fits glows, what does not says why at the cursor, and a refused wire never drops the one that was there. */
import { heldName } from "../edit/fit.ts";
import type { Point } from "../edit/graph.ts";
import { type LooseEnd, type Wish, wishFrom } from "../edit/wish.ts";
import type { Card } from "./card.ts";
import type { Drag } from "./drag.ts";
import type { EditorCanvas } from "./editor-canvas.ts";
import { slotAt } from "./hit.ts";
import type { Spot } from "./host.ts";

export interface WireEnd {
  readonly card: Card;
  readonly side: "input" | "output";
  readonly index: number;
}

/** Where the loose end is: at a slot, refused, or nowhere. */
interface Aim {
  readonly end: Point;
  readonly wish?: Wish;
  readonly reason?: string;
}

export function dragWire(canvas: EditorCanvas, start: WireEnd): Drag {
  const { host, scene } = canvas;
  const lifted = start.side === "input" ? start.card.inputs[start.index].link : undefined;
  const from = lifted == null ? start : originOf(canvas, lifted);
  const held = heldOf(from);
  const [x, y] = from.card.getConnectionPos(from.side === "input", from.index);
  /** What facts say of a wire, once they were asked. */
  const judged = new Map<string, string | undefined>();
  let aimed: Aim = { end: [x, y] };
  let isOver = false;

  function begin(): void {
    scene.fitting = fittingSlots(canvas, held);
    if (lifted != null) scene.lifted = lifted;
    canvas.dirty();
  }
  function clear(): void {
    isOver = true;
    scene.held = undefined;
    scene.fitting = undefined;
    scene.lifted = undefined;
    host.tip(undefined, [0, 0]);
    canvas.dirty();
  }
  function show(screen: Point): void {
    const reason = aimed.reason ?? (aimed.wish && judged.get(keyOf(aimed.wish)));
    scene.held = {
      from: [x, y],
      to: aimed.end,
      kind: held.kind,
      ...(held.meaning && { meaning: held.meaning }),
      refused: reason !== undefined,
      reversed: held.side === "input",
    };
    host.tip(reason, screen);
    canvas.stir();
  }
  /** Kinds are judged for all slots at once, facts only where the wire is about to go. */
  async function judge(wish: Wish, screen: Point): Promise<void> {
    const key = keyOf(wish);
    if (judged.has(key)) return;
    judged.set(key, undefined);
    judged.set(key, await host.judge(wish));
    if (!isOver && aimed.wish && keyOf(aimed.wish) === key) show(screen);
  }

  return {
    move({ canvas: at, screen }) {
      if (!scene.fitting) begin();
      aimed = aim(canvas, held, at);
      show(screen);
      if (aimed.wish) void judge(aimed.wish, screen);
    },
    end(spot: Spot, moved) {
      clear();
      if (!moved) return;
      if (aimed.wish) host.connect(aimed.wish, lifted ?? undefined);
      else if (aimed.reason !== undefined) return;
      else if (lifted != null) host.disconnect(lifted);
      else host.palette(spot, held);
    },
    cancel: clear,
  };
}

const keyOf = ({ from, output, to, input }: Wish): string => `${from} ${output} ${to} ${input}`;

export function heldOf({ card, side, index }: WireEnd): LooseEnd {
  const slot = card[`${side}s`][index];
  const meaning = card.look[`${side}s`][index]?.meaning;
  return { node: card.id, slot: slot.name, side, kind: String(slot.type), ...(meaning && { meaning }) };
}

function aim(canvas: EditorCanvas, held: LooseEnd, [px, py]: Point): Aim {
  const { host } = canvas;
  const side = held.side === "output" ? "input" : "output";
  const hit = slotAt(canvas, px, py, 14);
  const at = (card: Card, index: number): Point => {
    const [x, y] = card.getConnectionPos(side === "input", index);
    return [x, y];
  };
  if (hit && hit.side === side) {
    const { name } = hit.card[`${side}s`][hit.index];
    const reason = host.refusal(held, hit.card.id, name);
    const end = at(hit.card, hit.index);
    return reason === undefined ? { end, wish: wishFrom(held, hit.card.id, name) } : { end, reason };
  }
  const card = canvas.projection.graph.getNodeOnPos(px, py) as Card | null;
  if (!card || card.id === held.node) return { end: [px, py] };
  const best = host.bestSlot(held, card.id);
  if (best === undefined) return { end: [px, py], reason: noneFits(card, held) };
  const index = card[`${side}s`].findIndex(({ name }) => name === best);
  return { end: at(card, index), wish: wishFrom(held, card.id, best) };
}

const noneFits = ({ look }: Card, held: LooseEnd): string =>
  `${look.title} has no ${held.side === "output" ? "input" : "output"} for this. The wire carries: ${heldName(held)}.`;

function originOf({ projection: { graph } }: EditorCanvas, link: number): WireEnd {
  const { origin_id, origin_slot } = graph.links[link];
  return { card: graph.getNodeById(origin_id) as Card, side: "output", index: origin_slot };
}

export function fittingSlots({ projection: { cards }, host }: EditorCanvas, held: LooseEnd): ReadonlySet<string> {
  const side = held.side === "output" ? "inputs" : "outputs";
  const fits = new Set([`${held.node} ${held.side}s ${held.slot}`]);
  for (const card of cards.values())
    for (const { name } of card[side])
      if (host.refusal(held, card.id, name) === undefined) fits.add(`${card.id} ${side} ${name}`);
  return fits;
}
