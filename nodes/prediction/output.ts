/** What the nodes that make a prediction share. */
import type { PredictionOptions } from "../../diffusion/index.ts";
import { demanded, sameSize, wantMeaning } from "../checks.ts";
import type { ModelOutput, NetworkFacts } from "../handles.ts";
import type { Meaning } from "../kinds.ts";
import * as port from "../port.ts";
import type { Size } from "../size.ts";

export const clipDenoised = () => port.boolean({ default: true, help: "Clamp the predicted x₀ to −1 … 1." });

export const outputKind = (output: ModelOutput | undefined, clip: boolean): PredictionOptions => ({
  predicts: output?.facts.predicts,
  learnSigma: output?.facts.learnSigma,
  clipDenoised: clip,
});

/** The size of model output, x and what else is wired. */
export function predictionSize(
  output: NetworkFacts | undefined,
  { x, ...others }: { readonly [port: string]: (Size & { readonly meaning?: Meaning }) | undefined },
): Size {
  wantMeaning({ x }, "x", "x0");
  return sameSize({ model_output: demanded(output), x, ...others });
}
