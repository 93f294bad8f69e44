/** Pictures that a network takes beside x: those that it enlarges, and a condition. */
import type { NetworkFacts } from "../../nodes/index.ts";
import { UsageError } from "../flags/errors.ts";
import type { Given } from "../flags/grammar.ts";
import type { sampleFlags } from "./flags.ts";

type Beside = Pick<Given<typeof sampleFlags>, "base_samples" | "condition">;

/** Throws a UsageError where a network wants pictures that are not given, or has no place for those that are. */
export function expectBeside({ condition, channels, lowRes }: NetworkFacts, given: Beside): void {
  if (lowRes === undefined && given.base_samples)
    throw new UsageError(
      `The network enlarges no pictures: leave --base_samples out${condition === undefined ? "; or, where it was trained to, give --large_size and --small_size" : ", or give it the pictures as --condition"}`,
    );
  if (lowRes !== undefined && !given.base_samples)
    throw new UsageError(`The network enlarges pictures of ${lowRes}×${lowRes}: give them as --base_samples FILE.npz`);
  if (condition !== undefined && !given.condition)
    throw new UsageError(
      `The network takes a condition of ${condition} channels beside x: give --condition FILE, a picture, a folder of them or an NPZ${condition === channels ? "; or --base_samples FILE where it enlarges them" : ""}`,
    );
  if (condition === undefined && given.condition)
    throw new UsageError("The network takes no condition beside x: leave --condition out");
}
