import { classifierFree } from "../../diffusion/index.ts";
import { facts, numbersSizes, sameSize } from "../checks.ts";
import type { NetworkFacts } from "../handles.ts";
import { defineNode, GraphError } from "../node.ts";
import * as port from "../port.ts";
import { drawnChannels } from "./drawn.ts";

export default defineNode({
  type: "guidegraph/classifier-free-guidance",
  version: 1,
  title: "Classifier-Free Guidance",
  category: "prediction",
  description: "Goes from an unconditional (or weaker) output towards a conditional one, and beyond it.",
  equation: "ε = ε_u + s·(ε_c − ε_u)",
  reference: "classifier-free guidance, autoguidance",
  inputs: {
    conditional: port.modelOutput({ help: "Its variance is kept." }),
    unconditional: port.modelOutput(),
    scale: port.numbers({ default: 2, help: "1 gives the conditional output, 0 the unconditional one." }),
  },
  outputs: { model_output: port.modelOutput() },
  infer: ({ conditional, unconditional, scale }) => {
    const numbers = numbersSizes({ scale });
    sameSize({ conditional: sizeOnly(conditional), unconditional: sizeOnly(unconditional), ...numbers });
    wantSamePrediction(conditional, unconditional);
    return { model_output: { ...conditional } };
  },
  run: ({ conditional, unconditional, scale }) => {
    wantSamePrediction(conditional.facts, unconditional.facts);
    if (conditional.step.t !== unconditional.step.t)
      throw new GraphError(
        `Cannot combine outputs of timesteps ${conditional.step.t} and ${unconditional.step.t}: take both at one step`,
        "unconditional",
      );
    const guided = conditional.facts.channels ?? 3;
    return { model_output: { ...conditional, out: classifierFree(conditional.out, unconditional.out, guided, scale) } };
  },
  draw: ({ conditional, unconditional, scale }, drawing) => {
    wantSamePrediction(conditional.facts, unconditional.facts);
    const { op, shape } = drawing;
    const [guided, all] = [conditional.facts.channels ?? 3, shape(conditional.out)[1]];
    const [c, u] = [conditional, unconditional].map(({ out }) => drawnChannels(drawing, out, 0, guided));
    const moved = op.Add(u, op.Mul(scale, op.Sub(c, u)));
    if (all === guided) return { model_output: { ...conditional, out: moved } };
    const rest = drawnChannels(drawing, conditional.out, guided, Number(all));
    return { model_output: { ...conditional, out: op.Concat(moved, rest, { axis: 1 }) } };
  },
});

const sizeOnly = ({ batch, channels, height, width }: NetworkFacts = {}) => facts({ batch, channels, height, width });

function wantSamePrediction({ predicts: a }: NetworkFacts = {}, { predicts: b }: NetworkFacts = {}): void {
  if (a !== undefined && b !== undefined && a !== b)
    throw new GraphError("Cannot combine a model that predicts ε with one that predicts x₀", "unconditional");
}
