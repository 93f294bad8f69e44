/** What a network is for: it predicts a step, or reads classes. */
export const roles = ["unet", "classifier"] as const;

export type Role = (typeof roles)[number];
