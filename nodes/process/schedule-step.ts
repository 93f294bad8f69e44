import type { StepMeasure } from "../../diffusion/index.ts";
import { atPort, knownNumber } from "../checks.ts";
import { scheduleOf } from "../known-schedule.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/schedule-step",
  version: 1,
  title: "Schedule Step",
  category: "process",
  description: "Picks one step of a schedule, to add the noise of the step that a loop starts at, say.",
  equation: "schedule.at(index)",
  inputs: {
    schedule: port.schedule(),
    index: port.number({ default: 0, help: "0 is the last step of sampling; a fraction lies between two." }),
    measure: port.text({
      default: "index",
      choices: ["index", "t", "noise_level", "lambda"] satisfies readonly StepMeasure[],
      help: "What the number is in: the timestep of the full process, the noise per signal (EDM's σ), or log(√ᾱ / √(1 − ᾱ)).",
    }),
  },
  outputs: { step: port.step() },
  foretold: true,
  infer: ({ schedule }, known) => {
    const step = schedule?.isCounted ? ({ step: { isCounted: true } } as const) : {};
    const [measure, index] = [known.parameter("measure"), knownNumber(known.parameter("index"))];
    if (typeof measure !== "string" || index === undefined) return step;
    if (measure !== "index") {
      atPort("index", () => scheduleOf(schedule ?? {})?.indexOf(measure as StepMeasure, index));
      return step;
    }
    if (index < 0) throw new GraphError(`Cannot take step ${index}: the first is 0`, "index");
    if (schedule?.count !== undefined && index > schedule.count - 1)
      throw new GraphError(`Cannot take step ${index}: the schedule has steps 0 to ${schedule.count - 1}`, "index");
    return step;
  },
  run: ({ schedule, index, measure }) => ({
    step: atPort("index", () => schedule.at(schedule.indexOf(measure as StepMeasure, index))),
  }),
});
