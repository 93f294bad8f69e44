import { power } from "../../diffusion/index.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";

const operations = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  power,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
} satisfies Record<string, (a: number, b: number) => number>;

export default defineNode({
  type: "guidegraph/arithmetic",
  version: 1,
  title: "Arithmetic",
  category: "values",
  description: "Calculates with two numbers, for a scale that follows the schedule, say.",
  equation: "a ∘ b",
  inputs: {
    a: port.number({ default: 0 }),
    operation: port.text({ default: "multiply", choices: Object.keys(operations) }),
    b: port.number({ default: 1 }),
  },
  outputs: { number: port.numberOut() },
  foretold: true,
  infer: () => ({}),
  run: ({ a, b, operation }) => {
    const number = operations[operation as keyof typeof operations](a, b);
    if (!Number.isFinite(number))
      throw new GraphError(`Cannot ${operation} ${a} and ${b}: the result is ${number}`, "b");
    return { number };
  },
});
