import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/number",
  version: 1,
  title: "Number",
  category: "values",
  description: "Gives one number to as many nodes as need it.",
  inputs: { value: port.number({ default: 1 }) },
  outputs: { number: port.numberOut() },
  handsOn: "value",
  foretold: true,
  infer: () => ({}),
  run: ({ value }) => ({ number: value }),
});
