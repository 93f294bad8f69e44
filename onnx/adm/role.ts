/** What a network is for: it predicts a step, or reads classes. */
export const roles = ["unet", "classifier"] as const;

export type Role = (typeof roles)[number];

/** What a node loads a file as: one of the above, or any function of tensors. */
export const uses = [...roles, "network"] as const;

export type Use = (typeof uses)[number];
