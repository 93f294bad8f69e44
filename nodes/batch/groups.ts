/** What the nodes share that work on groups of neighbouring samples: the draws of one, side by side. */
import { groupsOf } from "../../diffusion/index.ts";
import { atPort, facts } from "../checks.ts";
import type { Size } from "../kinds.ts";
import * as port from "../port.ts";

export const groupParameter = (help: string) =>
  port.number({ default: 0, min: 0, max: 4096, integer: true, help: `${help}; 0: the whole batch.` });

/** How many a group has, and how many groups there are, as far as it is known. Throws a GraphError where samples are left over. */
export function grouped(
  of: number | undefined,
  { batch }: Size = {},
): { readonly of?: number; readonly groups?: number } {
  if (of === undefined || (of === 0 && batch === undefined)) return {};
  const each = of === 0 ? batch! : of;
  return facts({ of: each, groups: batch === undefined ? undefined : atPort("of", () => groupsOf(batch, each)) });
}
