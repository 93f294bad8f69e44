/** The card of a model: the `.json` beside it, of which models that differ in their extension alone share one. */
import { isDeepStrictEqual } from "node:util";
import { type ModelFlags, parseCard } from "../../onnx/index.ts";

/** A card on its way beside its model. */
export interface ModelCard {
  readonly text: string;
  /** Whether a card of these flags, which is there already, may stay in its stead. */
  isSaidBy(flags: ModelFlags): boolean;
}

/** One that says all that is known; another that is there already must say only what somebody `gave`, for it is known of the rest. */
export const cardOfFlags = (known: ModelFlags, gave = known): ModelCard => ({
  text: `${JSON.stringify(known, null, 1)}\n`,
  isSaidBy: (flags) =>
    Object.entries(gave).every(([name, value]) => isDeepStrictEqual(flags[name as keyof ModelFlags], value)),
});

/** Somebody's own, kept to the letter. Throws a SyntaxError for what is no card. */
export function cardOfText(text: string): ModelCard {
  const says = parseCard(text);
  return { text, isSaidBy: (flags) => isDeepStrictEqual(flags, says) };
}
