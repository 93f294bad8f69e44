/** One line about a model file, from what the server read in it: "32 × 32 · 10 classes · x₀, learned σ". */
import type { State } from "./state.ts";

export function fileFacts({ models, images, tensors }: State, file: string): string | undefined {
  const model = models.find(({ id }) => id === file);
  if (!model)
    return [...images, ...tensors].some(({ id }) => id === file) || models.length === 0
      ? undefined
      : `${file} is not on the server`;
  if (model.problem) return model.problem;
  const { height, width, classes, predicts, learnSigma, outputs, fit } = model.facts ?? {};
  const parts = [
    height && width && `${height} × ${width}`,
    classes && `${classes} classes`,
    model.role === "unet" && predicts && `${predicts === "x0" ? "x₀" : "ε"}${learnSigma ? ", learned σ" : ""}`,
    outputs && `answers with ${outputs.map(({ name }) => name).join(", ")}`,
    fit,
  ];
  return parts.filter(Boolean).join(" · ") || undefined;
}
