/** What a press becomes, by what it hits and the keys that are held. */
import type { Hit, HitKind } from "../hit.ts";
import type { Begin, Gesture, Press } from "./gesture.ts";
import { marquee } from "./marquee.ts";
import { moveCards } from "./move-cards.ts";
import { moveGroup } from "./move-group.ts";
import { openFinder, openInside, openOnClick, openText, openTitle } from "./open.ts";
import { pan } from "./pan.ts";
import { pullReroute } from "./pull-reroute.ts";
import { pullWire } from "./pull-wire.ts";
import type { Stage } from "./stage.ts";
import { tapWire } from "./tap-wire.ts";
import { turnParameter } from "./turn-parameter.ts";
import { widenNote } from "./widen-note.ts";

const gestures: { readonly [On in HitKind]: Begin<On, keyof Stage> } = {
  slot: (stage, hit, press) => ({
    ...pullWire(stage, hit, press),
    ...(press.isTouch && { linger: () => tapWire(stage, hit) }),
  }),
  row: turnParameter,
  opener: openOnClick,
  edge: widenNote,
  card: (stage, hit, press) => {
    const { look } = hit.card;
    if (press.isDouble && look.opens) return openInside(stage, hit, press);
    if (press.isDouble && look.form === "note") return openText(stage, hit, press);
    return moveCards(stage, hit, press);
  },
  group: (stage, hit, press) => (press.isDouble ? openTitle : moveGroup)(stage, hit, press),
  link: (stage, hit, press) => {
    if (press.alt) return pullReroute(stage, hit, press);
    if (press.ctrl) return marquee(stage, press);
    return pan(stage, (at) => stage.host.menu(at, hit));
  },
  nothing: (stage, hit, press) => {
    if (press.isDouble) return openFinder(stage, hit, press);
    if (press.ctrl) return marquee(stage, press);
    return pan(stage, () => stage.host.select(new Set()));
  },
};

export const gestureAt = <On extends HitKind>(stage: Stage, hit: Hit<On>, press: Press): Gesture =>
  gestures[hit.on](stage, hit, press);
