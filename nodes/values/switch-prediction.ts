import type { Prediction } from "../../diffusion/index.ts";
import { sameSize } from "../checks.ts";
import { defineNode } from "../node.ts";
import * as port from "../port.ts";
import { chosen, condition, needsChosen, wantBoth } from "./chosen.ts";

export default defineNode({
  type: "guidegraph/switch-prediction",
  version: 1,
  title: "Switch Prediction",
  category: "values",
  description:
    "Gives one of two predictions, the guided or the plain one, say; what only the other would have needed is not computed.",
  equation: "y = a where condition ≠ 0, else b",
  reference: "if, guidance interval, limited interval",
  inputs: {
    condition,
    a: port.prediction({ lazy: true, optional: true }),
    b: port.prediction({ lazy: true, optional: true }),
  },
  outputs: { prediction: port.prediction() },
  infer: ({ a, b }) => {
    wantBoth({ a, b });
    const conditioned = moved(a?.conditioned, b?.conditioned);
    return { prediction: { ...sameSize({ a, b }), ...(conditioned && { conditioned }) } };
  },
  needs: needsChosen,
  run: ({ condition, a, b }) => ({ prediction: chosen(condition, { a, b }) }),
  draw: ({ condition, a, b }, { op }) => {
    const [only] = a && b ? [] : [a ?? b];
    if (only) return { prediction: only };
    const isB = op.Equal(condition.value, 0);
    const either = (name: "mean" | "variance" | "logVariance" | "x0" | "x") => op.Where(isB, b![name], a![name]);
    const step = a!.step
      .and(b!.step)
      .and(condition)
      .map(([[a, b], condition]) => (condition === 0 ? b : a));
    return {
      prediction: {
        ...{ mean: either("mean"), variance: either("variance"), logVariance: either("logVariance") },
        ...{ x0: either("x0"), x: either("x"), step, conditioned: moved(a!.conditioned, b!.conditioned) ?? "no" },
      },
    };
  },
});

type Conditioned = Prediction["conditioned"];

/** What guidance may have moved in one of the two: samplers that would lose a moved mean refuse both. */
const moved = (a: Conditioned | undefined, b: Conditioned | undefined): Conditioned | undefined =>
  (["mean", "score"] as const).find((one) => a === one || b === one) ?? a ?? b;
