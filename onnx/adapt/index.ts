export { type Adaptable, type Adapted, adapt } from "./adapt.ts";
export { autoFit, type Fit, headChoices, layoutChoices, valueChoices } from "./choices.ts";
export { looksEmbedded } from "./embeddings.ts";
export { isTimeShape } from "./time.ts";
