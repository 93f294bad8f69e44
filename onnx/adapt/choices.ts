/** What a person may choose where a network's file does not tell; `auto` says what it found. */

/** The values that a network wants its pictures in; a sampler's are −1 … 1. */
export const valueChoices = ["auto", "[-1, 1]", "[0, 1]", "[0, 255]", "ImageNet", "CLIP"] as const;
export const layoutChoices = ["auto", "NCHW", "NHWC"] as const;
/** How logits become probabilities: one of many classes, each class by itself, yes or no from one logit, or no probability at all. */
export const headChoices = ["auto", "softmax", "sigmoid", "bernoulli", "score"] as const;

export interface Fit {
  readonly values: (typeof valueChoices)[number];
  readonly layout: (typeof layoutChoices)[number];
  /** Height and width that pictures are resized to. */
  readonly resize: "auto" | "none" | number;
  readonly head: (typeof headChoices)[number];
}

export const autoFit: Fit = { values: "auto", layout: "auto", resize: "auto", head: "auto" };
