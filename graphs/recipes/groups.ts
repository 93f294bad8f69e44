/** Which examples belong together, in the order in which a newcomer looks: of the start page and of docs/library.md alike. */
export const exampleGroups: readonly { readonly title: string; readonly examples: readonly string[] }[] = [
  {
    title: "First pictures",
    examples: ["guided-ddim", "red-star", "guided-ddpm", "unguided-ddpm"],
  },
  {
    title: "Guidance by a classifier",
    examples: ["gradient-at-the-mean", "scale-curve", "guidance-interval", "gradient-reuse", "normalised-gradient"],
  },
  {
    title: "Guidance without a classifier",
    examples: [
      ...["class-conditional-ddim", "classifier-free-ddim", "composed-guidance", "cfg-rescale", "cfg-plus-plus"],
      ...["cfg-zero", "projected-guidance", "autoguidance"],
    ],
  },
  {
    title: "Guidance by a reader of clean pictures",
    examples: ["universal-guidance", "freedom", "lgd-mc", "mpgd", "tfg", "best-of-four"],
  },
  {
    title: "Restoring, and other inverse problems",
    examples: ["inpainting", "super-resolution", "deblurring", "posterior-sampling", "purification"],
  },
  {
    title: "Editing and variation",
    examples: ["image-to-image", "edit-by-inversion", "diffedit", "ddim-inversion", "ilvr", "noise-walk"],
  },
  {
    title: "Solvers",
    examples: [
      ...["guided-dpm-solver", "dpm-solver-2m", "dpm-solver-2s", "unipc", "plms"],
      ...["heun", "churned-heun", "restart"],
    ],
  },
  { title: "Looking and judging", examples: ["guided-and-judged", "trajectory", "anomaly-map"] },
];
