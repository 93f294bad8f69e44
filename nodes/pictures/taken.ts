/** Some of the samples that a file has: what Load Image and Load Tensor take of it. */
import { GraphError } from "../node.ts";
import * as port from "../port.ts";

export const takenParameters = {
  first: port.number({ default: 0, min: 0, integer: true, help: "Number of the first sample that is taken." }),
  count: port.number({ default: 0, min: 0, max: 4096, integer: true, help: "How many; 0: all that follow." }),
};

/** How many are taken of `stored`. Throws a GraphError when there are fewer. */
export function taken(stored: number | undefined, first: number, count: number): number | undefined {
  if (stored === undefined) return count || undefined;
  const last = first + (count || 1);
  if (last > stored)
    throw new GraphError(`Cannot take sample ${last - 1}: the file has ${stored}, numbered from 0`, "first");
  return count || stored - first;
}
