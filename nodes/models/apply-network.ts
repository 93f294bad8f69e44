import { demanded, facts, sameSize, wantGradient, wantSides } from "../checks.ts";
import type { NetworkFacts } from "../handles.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { outputNamed } from "./output-named.ts";

export default defineNode({
  type: "guidegraph/apply-network",
  version: 1,
  title: "Apply Network",
  category: "models",
  description: "Gives a tensor to a network and takes one of its outputs, N×C×H×W: features come as N×K×1×1.",
  equation: "y = f(x, t)",
  reference: "forward",
  inputs: {
    network: port.network(),
    x: port.tensor(),
    step: port.step({ optional: true, help: "For a network that takes a timestep." }),
    other: port.tensor({ optional: true, help: "For a network that takes a second tensor." }),
    output: port.text({ default: "", help: "The name of the output; empty takes the first." }),
  },
  outputs: { tensor: port.tensor({ own: true }) },
  infer: ({ network, x, step, other }, { parameter }) => {
    if (!network?.outputs) return {};
    wantSides(network, x);
    const { batch } = sameSize({ network: demanded(network), x });
    wantInputs(network, { step: step !== undefined, other: other !== undefined });
    const name = parameter("output");
    if (typeof name !== "string") return { tensor: facts({ batch }) };
    const { dims, doubt } = outputNamed(network.outputs, name);
    const [, channels, height, width] = dims ? nchwOf(dims.map((dim) => dim ?? undefined)) : [];
    return { tensor: facts({ batch, channels, height, width, doubt }) };
  },
  run: async ({ network, x, step, other, output }) => {
    wantInputs(network.facts, { step: step !== undefined, other: other !== undefined });
    outputNamed(network.facts.outputs ?? [], output);
    const { dims, data } = await network.apply(x, output, other, step);
    return { tensor: { dims: nchwOf(dims) as number[], data } };
  },
  flows: ({ network }, known) => {
    const name = known.parameter("output");
    if (network?.outputs && typeof name === "string") wantGradient(outputNamed(network.outputs, name), "network");
  },
  draw: ({ network, x, step, other, output }, { op, shape }) => {
    wantInputs(network.facts, { step: step !== undefined, other: other !== undefined });
    const y = network.apply(x, output, other, step);
    const { length } = shape(y);
    if (length > 4) return { tensor: op.Reshape(y, op.int64([0, 0, 0, -1])) };
    return { tensor: length === 4 ? y : op.Unsqueeze(y, op.int64([1, 2, 3].filter((axis) => axis >= length))) };
  },
});

/** Every tensor on a wire is N×C×H×W: features N×K are N×K×1×1, and axes beyond the fourth are one with it. What is not known stays so. */
function nchwOf(dims: readonly (number | undefined)[]): (number | undefined)[] {
  const [n, c, h, w] = [0, 1, 2, 3].map((axis) => (axis < dims.length ? dims[axis] : 1));
  return [n, c, h, dims.slice(4).reduce((product, dim) => product && dim && product * dim, w)];
}

function wantInputs(
  { timed, takesOther }: NetworkFacts,
  wired: { readonly step: boolean; readonly other: boolean },
): void {
  if (timed && !wired.step) throw new GraphError("The network takes a timestep: wire a step to it", "step");
  if (!timed && wired.step) throw new GraphError("The network takes no timestep: remove the wire", "step");
  if (takesOther && !wired.other) throw new GraphError("The network takes a second tensor: wire it to other", "other");
  if (!takesOther && wired.other) throw new GraphError("The network takes one tensor alone: remove the wire", "other");
}
