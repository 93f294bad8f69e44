import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/neighbouring-steps",
  version: 1,
  title: "Neighbouring Steps",
  category: "values",
  description:
    "Gives the steps on either side of this one, to ask for a gradient at the mean, say; at the ends it stays.",
  equation: "t − 1, t + 1",
  inputs: { step: port.step() },
  outputs: {
    earlier: port.step({ help: "Less noise: where the step leads to. The last step gives itself." }),
    later: port.step({ help: "More noise. The first step gives itself." }),
  },
  foretold: true,
  infer: () => ({}),
  run: ({ step }) => ({ earlier: step.earlier ?? step, later: step.later ?? step }),
});
