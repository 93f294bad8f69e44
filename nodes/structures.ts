/** What the planner dissolves. None has a `run`; what holds a graph has the ports of that graph. */
import { structures } from "../graphs/document/structures.ts";
import type { Structure } from "./node.ts";
import * as port from "./port.ts";

export const samplingLoop = {
  type: structures.loop,
  version: 1,
  title: "Sampling Loop",
  category: "structures",
  description: "Runs its inner graph once a step; an output named like an input is carried from step to step.",
  reference: "p_sample_loop_progressive, ddim_sample_loop_progressive",
  inputs: {
    schedule: port.schedule({ help: "How many steps, and how noisy each is; Counted Steps says how many alone." }),
    order: port.text({
      default: "down",
      help: "down to sample, up to invert, or a list of step indices: 9..5, 7..0 goes from 9 to 5 and from 7 to 0; 9..5*3 goes so three times, 9..5x3 takes each three times; 4.5 lies between steps; x0 at the end leads the last one to the clean picture; “noise_level: 80, 20, 5, x0” are no indices, as with t: and lambda:.",
    }),
    start: port.number({
      default: -1,
      min: -1,
      help: "The index of the first step, to begin in the middle; −1: at the end of the schedule where the order begins.",
    }),
    stop: port.number({
      default: -1,
      min: -1,
      help: "The index of the last step; −1: the other end. What leaves is where that step leads: one index further, below 0 the clean picture.",
    }),
  },
  gives: { step: port.step() },
  outputs: {},
} as const satisfies Structure;

export const subgraph = {
  type: structures.subgraph,
  version: 1,
  title: "Subgraph",
  category: "structures",
  description: "Holds a graph as one node, to be opened and rewired.",
  inputs: {},
  gives: {},
  outputs: {},
} as const satisfies Structure;

export const differentiate = {
  type: structures.differentiate,
  version: 1,
  title: "Differentiate",
  category: "structures",
  description: "Gives the gradient of what its inner graph computes, through every network and node on the way.",
  equation: "g = ∂ Σ of / ∂ by",
  reference: "torch.autograd.grad, cond_fn",
  inputs: {
    of: port.text({
      default: "loss",
      help: "The output of the inner graph that is differentiated; its values are summed.",
    }),
    by: port.text({ default: "x", help: "The input of the inner graph by which." }),
  },
  gives: {},
  outputs: { gradient: port.tensor({ meaning: "gradient", help: "Of the shape of `by`." }) },
} as const satisfies Structure;

export const graphInput = {
  type: structures.input,
  version: 1,
  title: "Graph Input",
  category: "structures",
  description: "Is an input of the node that holds this graph.",
  inputs: {},
  gives: {},
  outputs: {},
} as const satisfies Structure;

export const graphOutput = {
  type: structures.output,
  version: 1,
  title: "Graph Output",
  category: "structures",
  description: "Is an output of the node that holds this graph.",
  inputs: {},
  gives: {},
  outputs: {},
} as const satisfies Structure;

/** One input and one output, called `value`, of the kind that passes. */
export const reroute = {
  type: structures.reroute,
  version: 1,
  title: "Reroute",
  category: "structures",
  description: "A point through which a wire is led round a corner; whatever its kind, it passes as it is.",
  inputs: {},
  gives: {},
  outputs: {},
} as const satisfies Structure;

export const note = {
  type: structures.note,
  version: 1,
  title: "Note",
  category: "structures",
  description: "A comment for whoever reads the graph; it runs nothing.",
  inputs: { text: port.text({ default: "", prose: true }) },
  gives: {},
  outputs: {},
} as const satisfies Structure;
