import { defineNode } from "../node.ts";
import * as port from "../port.ts";

export default defineNode({
  type: "guidegraph/text",
  version: 1,
  title: "Text",
  category: "values",
  description: "Gives one text to as many nodes as need it.",
  inputs: { value: port.text({ default: "" }) },
  outputs: { text: port.textOut() },
  foretold: true,
  infer: () => ({}),
  run: ({ value }) => ({ text: value }),
});
