/** A wire by two taps: the first takes it in hand at a slot, the second says where it goes. */
import { wishFrom } from "../edit/wish.ts";
import type { EditorCanvas } from "./editor-canvas.ts";
import type { Hit } from "./hit.ts";
import type { Spot } from "./host.ts";
import { fittingSlots, heldOf, type WireEnd } from "./wiring.ts";

export class TappedWire {
  readonly #canvas: EditorCanvas;
  readonly #held: ReturnType<typeof heldOf>;

  constructor(canvas: EditorCanvas, start: WireEnd) {
    this.#canvas = canvas;
    const held = heldOf(start);
    this.#held = held;
    const [x, y] = start.card.getConnectionPos(start.side === "input", start.index);
    const { scene } = canvas;
    scene.fitting = fittingSlots(canvas, held);
    scene.held = {
      from: [x, y],
      to: [x, y],
      kind: held.kind,
      ...(held.meaning && { meaning: held.meaning }),
      refused: false,
      reversed: held.side === "input",
    };
    canvas.dirty();
  }

  /** The second tap. What does not fit says why, and the wire stays in hand; beside everything it is let go. */
  tap(hit: Hit, { screen }: Spot): "done" | "held" {
    const { host } = this.#canvas;
    const held = this.#held;
    host.tip(undefined, screen);
    if (!("card" in hit) || hit.card.id === held.node) return this.drop();
    const side = held.side === "output" ? "input" : "output";
    const aimed = hit.on === "slot" && hit.side === side ? hit.card[`${side}s`][hit.index].name : undefined;
    const slot = aimed ?? host.bestSlot(held, hit.card.id);
    const reason = slot === undefined ? "Nothing here takes this wire." : host.refusal(held, hit.card.id, slot);
    if (slot === undefined || reason !== undefined) {
      host.tip(reason, screen);
      return "held";
    }
    this.drop();
    host.connect(wishFrom(held, hit.card.id, slot));
    return "done";
  }

  drop(): "done" {
    const { scene, host } = this.#canvas;
    scene.held = undefined;
    scene.fitting = undefined;
    host.tip(undefined, [0, 0]);
    this.#canvas.dirty();
    return "done";
  }
}
