import { facts, sameSize } from "../checks.ts";
import type { Meaning } from "../kinds.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { meaningParameter } from "./meaning.ts";

export default defineNode({
  type: "guidegraph/take-as",
  version: 1,
  title: "Take As",
  category: "tensors",
  description: "Says what a tensor means from here on, for nodes that ask; its values stay as they are.",
  reference: "cast",
  inputs: { tensor: port.tensor(), meaning: meaningParameter },
  outputs: { tensor: port.tensor() },
  infer: ({ tensor }, known) => {
    const meaning = known.parameter("meaning");
    const meant = typeof meaning === "string" && meaning !== "" ? (meaning as Meaning) : undefined;
    return { tensor: { ...sameSize({ tensor }), ...facts({ meaning: meant }) } };
  },
  run: ({ tensor }) => ({ tensor }),
  draw: ({ tensor }) => ({ tensor }),
});
