/** A node's slots: those its ports ask for, in their order, with the links they had, in the look of their kind. */
import { arranged, graphSlot, own, type PortShape, type SlotSide } from "../../graphs/document/index.ts";
import type { Meaning } from "../../nodes/kinds.ts";
import { hueOf, lookOf, type Shape } from "../look/kinds.ts";
import type { HostNode, HostSlot, LiteGraphHost } from "./host.ts";

type Ports = Readonly<Record<string, PortShape & { readonly meaning?: Meaning }>>;

/** Gives a node the slots of `ports`. True when one came, went or changed its kind. */
export function setSlots(node: HostNode, side: SlotSide, ports: Ports, host: LiteGraphHost): boolean {
  const before = node[side] ?? [];
  const after = arranged<HostSlot>(ports, {
    stored: before,
    isInput: (_, slot) => isInput(slot),
    isKept: isLinked,
    slot: (name, { kind }, stored) => stored ?? fresh(side, name, kind),
  });
  const kinds = before.map(({ type }) => type);
  node[side] = after;
  for (const [index, slot] of after.entries()) {
    const port = own(ports, slot.name);
    if (port) dress(slot, side, port, host);
    for (const id of slot.links ?? (slot.link == null ? [] : [slot.link])) {
      const link = node.graph?.links[id];
      if (!link) continue;
      if (side === "inputs") link.target_slot = index;
      else link.origin_slot = index;
      if (port) colour(link, side, port);
    }
  }
  return after.length !== before.length || after.some((slot, i) => slot !== before[i] || slot.type !== kinds[i]);
}

/** Cuts the wires of slots that are about to go, while litegraph still finds them. */
export function cutStrangers(node: HostNode, side: SlotSide, ports: Ports): void {
  for (const [index, slot] of (node[side] ?? []).entries()) {
    if (Object.hasOwn(ports, slot.name) || !isLinked(slot)) continue;
    if (side === "inputs") node.disconnectInput(index);
    else node.disconnectOutput(index);
  }
}

const isLinked = ({ link, links }: HostSlot): boolean => link != null || (links?.length ?? 0) > 0;

/** Whether a parameter's slot is there because it was made an input, and not because it was no parameter until now. */
const isInput = (slot: HostSlot | undefined): boolean =>
  slot !== undefined && (isLinked(slot) || slot.removable === true || !slot.nameLocked);

const fresh = (side: SlotSide, name: string, type: string): HostSlot =>
  side === "inputs" ? { name, type, link: null } : { name, type, links: null };

function dress(
  slot: HostSlot,
  side: SlotSide,
  { kind, meaning, optional, parameter }: Ports[string],
  host: LiteGraphHost,
) {
  const look = lookOf(kind, meaning);
  const hue = hueOf(look, "dark");
  slot.type = kind;
  slot.color_on = hue;
  // What may stay unwired is dim until it is wired.
  slot.color_off = side === "inputs" && (optional || parameter) ? `${hue}70` : hue;
  slot.shape = shapeOf(look.shape, host);
  slot.nameLocked = true;
  if (parameter) slot.removable = true;
  // A reroute's slots need no name.
  if (slot.name === graphSlot) slot.label ??= "";
}

/** litegraph has four shapes of slots: kinds of one shape differ in colour. Undefined is its circle. */
function shapeOf(shape: Shape, { BOX_SHAPE, ARROW_SHAPE, GRID_SHAPE }: LiteGraphHost): number | undefined {
  if (shape === "square" || shape === "wide") return BOX_SHAPE;
  if (shape === "triangle" || shape === "tag") return ARROW_SHAPE;
  return shape === "diamond" ? GRID_SHAPE : undefined;
}

/** litegraph colours links by type; a gradient is a tensor whose wire is told by its colour. */
function colour(
  link: { type: string | number; color?: string },
  side: SlotSide,
  { kind, meaning }: Ports[string],
): void {
  link.type = kind;
  if (side === "outputs" && meaning === "gradient") link.color = hueOf(lookOf(kind, meaning), "dark");
}

/** What a file has of a slot: how it looks is the plugin's business. */
export const bare = ({ name, type, label, link, links }: HostSlot): HostSlot => ({
  name,
  type,
  ...(label && { label }),
  ...(link !== undefined && { link }),
  ...(links !== undefined && { links }),
});
