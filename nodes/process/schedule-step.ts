import { atPort, knownNumber } from "../checks.ts";
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
    index: port.number({ default: 0, min: 0, help: "0 is the last step of sampling; a fraction lies between two." }),
  },
  outputs: { step: port.step() },
  infer: ({ schedule }, known) => {
    const index = knownNumber(known.parameter("index")) ?? 0;
    if (schedule?.count !== undefined && index > schedule.count - 1)
      throw new GraphError(`Cannot take step ${index}: the schedule has steps 0 to ${schedule.count - 1}`, "index");
    return {};
  },
  run: ({ schedule, index }) => ({ step: atPort("index", () => schedule.at(index)) }),
});
