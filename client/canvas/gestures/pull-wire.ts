/** A wire pulled from a slot to another; a refused one never drops the one that was there. */
import type { Point } from "../../edit/graph.ts";
import type { Wish } from "../../edit/wish.ts";
import type { Begin } from "./gesture.ts";
import type { Stage } from "./stage.ts";
import { type Aim, WireInHand, type Wirer } from "./wire-in-hand.ts";

type Puller = Wirer & Pick<Stage, "outputOf" | "slotAt" | "cardAt" | "hitAt">;

export const pullWire: Begin<"slot", keyof Puller> = (stage, start) => {
  const { host } = stage;
  const lifted = start.side === "input" ? (start.card.inputs[start.index].link ?? undefined) : undefined;
  /** What facts say of a wire, once they were asked. */
  const judged = new Map<string, string | undefined>();
  let wire: WireInHand | undefined;
  let aimed: Aim = { to: [0, 0] };

  function show(screen: Point): void {
    const reason = aimed.reason ?? (aimed.wish && judged.get(keyOf(aimed.wish)));
    wire?.show({ to: aimed.to, ...(reason !== undefined && { reason }) });
    host.tip(reason, screen);
  }
  /** Kinds are judged for all slots at once, facts only where the wire is about to go. */
  async function judge(wish: Wish, screen: Point): Promise<void> {
    const key = keyOf(wish);
    if (judged.has(key)) return;
    judged.set(key, undefined);
    judged.set(key, await host.judge(wish));
    if (wire && aimed.wish && keyOf(aimed.wish) === key) show(screen);
  }
  function letGo(): void {
    wire?.letGo();
    wire = undefined;
  }

  return {
    move({ canvas, screen }) {
      wire ??= new WireInHand(stage, lifted === undefined ? start : stage.outputOf(lifted), lifted);
      aimed = aimAt(stage, wire, canvas);
      show(screen);
      if (aimed.wish) void judge(aimed.wish, screen);
    },
    drop(spot) {
      if (!wire) return;
      const { loose } = wire;
      letGo();
      if (aimed.wish) host.connect(aimed.wish, lifted);
      else if (aimed.reason !== undefined) return;
      else if (lifted !== undefined) host.disconnect(lifted);
      else host.palette(spot, loose);
    },
    cancel: letGo,
  };
};

function aimAt(stage: Puller, wire: WireInHand, at: Point): Aim {
  const { loose } = wire;
  const end = stage.slotAt(at, { wide: 14, tall: 10 });
  if (end && end.side !== loose.side) return wire.aim(end.card, at, end.name);
  const hit = stage.hitAt(at);
  if (hit.on === "row" && hit.card.id !== loose.node && loose.side === "output") {
    const { name } = hit.card.look.rows[hit.row];
    // A parameter that takes it becomes an input; beside that, the card is asked what of it fits.
    if (stage.host.refusal(loose, hit.card.id, name) === undefined) return wire.aim(hit.card, at, name);
  }
  const card = stage.cardAt(at);
  return card && card.id !== loose.node ? wire.aim(card, at) : { to: at };
}

const keyOf = ({ from, output, to, input }: Wish): string => `${from} ${output} ${to} ${input}`;
