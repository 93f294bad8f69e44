/** Whether networks are still of the files that their keys name. */
import { GraphError } from "../../nodes/index.ts";
import type { Called, Composition } from "./composition.ts";
import type { Network } from "./network.ts";

/** What is built or loaded must be what the key says, or it would be taken for that ever after. */
export async function expectCurrent(network: Network): Promise<void> {
  if (!(await network.isCurrent()))
    throw new GraphError(`${network.label} was replaced by another file while it was loaded: run it again`, "file");
}

export async function allCurrent({ networks }: Composition<Called>): Promise<void> {
  for (const { network } of new Set(networks.values())) await expectCurrent(network);
}
