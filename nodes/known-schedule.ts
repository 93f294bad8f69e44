/** The schedule itself, before a run, where its facts tell what it is made from. */
import { type Schedule, type ScheduleOptions, schedule } from "../diffusion/index.ts";
import type { ScheduleFacts } from "./kinds.ts";

const known = new WeakMap<ScheduleOptions, Schedule>();

export function scheduleOf({ made }: ScheduleFacts): Schedule | undefined {
  if (made && !known.has(made)) known.set(made, schedule(made));
  return made && known.get(made);
}
