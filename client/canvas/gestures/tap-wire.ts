/** A wire by two taps: the first takes it in hand at a slot, the second says where it goes. */
import type { SlotEnd } from "../hit.ts";
import type { Lingering } from "./gesture.ts";
import { WireInHand, type Wirer } from "./wire-in-hand.ts";

export function tapWire(stage: Wirer, start: SlotEnd): Lingering {
  const { host } = stage;
  const wire = new WireInHand(stage, start);
  return {
    /** What does not fit says why, and the wire stays in hand; beside everything it is let go. */
    click(hit, { screen, canvas }) {
      const isElsewhere = "card" in hit && hit.card.id !== wire.loose.node;
      const slot = hit.on === "slot" && hit.side !== wire.loose.side ? hit.name : undefined;
      const { wish, reason } = isElsewhere ? wire.aim(hit.card, canvas, slot) : {};
      if (reason !== undefined) {
        host.tip(reason, screen);
        return true;
      }
      wire.letGo();
      if (wish) host.connect(wish);
      return false;
    },
    letGo: () => wire.letGo(),
  };
}
