/**
 * onnxruntime and arithmetic give NaN and infinity silently, and a clip would hide them: x₀ clipped to [−1, 1] turns infinity into
 * a plain white pixel. So every output of a network, and every tensor that a node gives or that what it gives holds, is looked at
 * before anything else sees it; what is clipped where it is made, before that (diffusion/prediction.ts).
 */
import { areFinite, type Prediction, type Tensor } from "../diffusion/index.ts";
import type { ModelOutput } from "./handles.ts";
import type { Kind } from "./kinds.ts";
import { type AnyNode, GraphError } from "./node.ts";

export interface Origin {
  /** What to do where it was computed from finite values. */
  readonly advice?: string;
  /** What it was computed from, by name: where that is at fault already, the message says so. */
  readonly given?: Readonly<Record<string, ArrayLike<number>>>;
}

/** Throws a GraphError when `data` holds NaN or infinity; `source` is how the message calls it. */
export function checkFinite(
  data: Float32Array,
  source: string,
  { advice = "Check the checkpoint and its flags, or scale guidance down", given = {} }: Origin = {},
): void {
  if (areFinite(data)) return;
  const before = Object.entries(given).find(([, values]) => foundIn(values) !== "");
  const blamed = before
    ? `Its ${before[0]} held ${foundIn(before[1])} when it came: what made it is at fault, such as a quotient by 0 or guidance that grew from step to step`
    : advice;
  throw new GraphError(
    `Output of ${source} holds ${foundIn(data)} of ${data.length} values; the run is stopped and nothing is saved. ${blamed}`,
  );
}

/** Throws a GraphError when a tensor among a node's outputs, or in one of them, holds NaN or infinity. */
export function checkGiven({ title, outputs }: AnyNode, values: Readonly<Record<string, unknown>>): void {
  for (const name in values)
    if (values[name] !== undefined)
      for (const [part, { data }] of held[outputs[name]?.kind as Kind]?.(values[name]) ?? [])
        checkFinite(data, `${part}"${name}" of ${title}`, { advice: grown });
}

type Held = readonly (readonly [part: string, Tensor])[];

/** What values hold that is there already: what of a prediction is computed when it is asked for ends in a tensor. */
const held: { readonly [K in Kind]?: (value: unknown) => Held } = {
  tensor: (value) => [["", value as Tensor]],
  model_output: (value) => [["", (value as ModelOutput).out]],
  prediction: (value) =>
    (["x0", "mean"] as const).flatMap((part) => {
      const made = Object.getOwnPropertyDescriptor(value as Prediction, part)?.value as Tensor | undefined;
      return made ? [[`${part} in `, made] as const] : [];
    }),
};

const grown =
  "Look for a quotient, root or logarithm at 0, and for what grows from step to step, such as guidance: scale it down";

/** How many of them are none, in words; nothing where all are finite. */
function foundIn(values: ArrayLike<number>): string {
  let [nan, infinite] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) nan++;
    else if (value - value !== 0) infinite++;
  }
  return [nan > 0 ? `${nan} NaN` : "", infinite > 0 ? `${infinite} infinite` : ""].filter(Boolean).join(" and ");
}
