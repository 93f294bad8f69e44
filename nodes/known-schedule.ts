/** The schedule itself, before a run, where its facts tell what it is made from. */
import { countedSteps, type Schedule, schedule } from "../diffusion/index.ts";
import type { ScheduleFacts } from "./kinds.ts";

const known = new WeakMap<object, Schedule>();

export function scheduleOf({ made }: ScheduleFacts): Schedule | undefined {
  if (made && !known.has(made)) known.set(made, "counted" in made ? countedSteps(made.counted) : schedule(made));
  return made && known.get(made);
}
