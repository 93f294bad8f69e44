/** Room for pictures: a node grows when it gets its first, and what lay below it moves down. */
import type { HostNode } from "./host.ts";

export interface Sized {
  readonly size: ArrayLike<number>;
}

const margin = 10;
/** Smaller than this a picture says nothing. */
const least = 48;
const most = 220;

/** Whether a picture fits below a node's slots and widgets. */
export const hasRoom = ({ size }: Sized, bodyHeight: number): boolean => size[1] - bodyHeight >= least;

/** Makes a node high enough for a picture as wide as it; returns whether it grew. */
export function growFor(node: HostNode, bodyHeight: number, picture: { width: number; height: number }): boolean {
  const wide = node.size[0] - 2 * margin;
  const height = bodyHeight + Math.max(least, Math.min(most, (wide * picture.height) / picture.width)) + margin;
  if (hasRoom(node, bodyHeight) || node.size[1] >= height) return false;
  node.setSize([node.size[0], Math.ceil(height)]);
  return true;
}

const gap = 24;

/** Moves down what a node came to lie upon, and what that comes to lie upon in turn; what is pinned stays. */
export function pushDown(node: HostNode, titleHeight: number): void {
  const below = (node.graph?._nodes ?? []).filter((other) => other !== node && other.pos[1] > node.pos[1]);
  const grown = [node];
  for (const other of below.sort((a, b) => a.pos[1] - b.pos[1])) {
    const [x, y] = [other.pos[0], other.pos[1]];
    const above = grown.filter(({ pos, size }) => x <= pos[0] + size[0] && x + other.size[0] >= pos[0]);
    const free = Math.max(...above.map(({ pos, size }) => pos[1] + size[1] + gap + titleHeight));
    if (y >= free || other.flags.pinned) continue;
    other.pos = [x, free];
    grown.push(other);
  }
}
