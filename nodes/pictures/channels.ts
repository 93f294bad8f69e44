/** Pictures that follow a network: grey where it has one channel, coloured where it has three. */
import { type Pictures, withChannels } from "../../diffusion/index.ts";
import { atPort, isUnread } from "../checks.ts";
import type { NetworkFacts } from "../handles.ts";
import { GraphError } from "../node.ts";

/** Channels of pictures that have `stored` in their file; undefined where it is not known. Throws a GraphError. */
export function channelsFor(stored: number | undefined, model: NetworkFacts | undefined): number | undefined {
  if (model === undefined) return stored;
  if (isUnread(model)) return undefined;
  const { channels = stored } = model;
  if (stored !== undefined && channels !== undefined && !isPossible(stored, channels))
    throw new GraphError(`Cannot give pictures of ${stored} channels to a network that takes ${channels}`, "model");
  return channels;
}

export const followed = (pictures: Pictures, model: { readonly facts: NetworkFacts } | undefined): Pictures =>
  atPort("model", () => withChannels(pictures, model?.facts.channels ?? pictures.dims[3]));

const isPossible = (stored: number, wanted: number): boolean =>
  stored === wanted || ([1, 3, 4].includes(stored) && [1, 3].includes(wanted));
