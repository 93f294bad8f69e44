export { type AskedFlag, type AskedNetwork, askedOf } from "./ask.ts";
export { type BuildOptions, buildAdm } from "./build.ts";
export { type Card, cardName, othersInCard, parseCard, readCard } from "./card.ts";
export { defaultsOf } from "./defaults.ts";
export type { AdmFacts } from "./facts.ts";
export {
  type FlagKind,
  type FlagName,
  type FlagRange,
  flagKinds,
  formatModelFlags,
  isFlagName,
  type ModelFlags,
  type Pool,
  parseFlag,
  parseModelFlags,
} from "./flags.ts";
export { flagsFromStructure, structureFromFlags } from "./from-flags.ts";
export { type Preset, presets } from "./presets.ts";
export { randomValues, randomWeights } from "./random-weights.ts";
export { type AdmNetwork, type RecogniseOptions, recognise } from "./recognise.ts";
export { type Role, roles, type Use, uses } from "./role.ts";
export { shapesOf } from "./shapes.ts";
export type { AdmStructure } from "./structure.ts";
export { type ChosenWeights, chooseWeights, describeWeights, type Weights } from "./weights.ts";
