/** A model's card: what its shapes do not tell, in a file beside it. */
import { didYouMean, near } from "../../spelling/index.ts";
import { firstOf } from "../first-of.ts";
import { flagKinds, isFlagName, type ModelFlags, parseFlag } from "./flags.ts";

/** The file name of a model's card: models that differ in their extension alone share one. */
export const cardName = (model: string): string => model.replace(/\.[^./\\]*$/, ".json");

export interface Card {
  readonly flags: ModelFlags;
  /** Keys that are no flags: for people, or for another program. */
  readonly others: readonly string[];
}

/** Less of a name than elsewhere may be mistyped: another program's key is refused by nobody. */
const mistypedInCard = 1 / 6;

/**
 * A card: the .json beside a model file, with flags as JSON values and `classes`, the names. Keys that are no flags are
 * passed over. Throws a SyntaxError that names a bad value, or a key that is all but a flag: without it the network would be
 * another.
 */
export function readCard(text: string): Card {
  const card = asJson(text);
  if (typeof card !== "object" || card === null || Array.isArray(card))
    throw new SyntaxError("A model card must be a JSON object");
  const flags: Record<string, unknown> = {};
  const others: string[] = [];
  for (const [name, value] of Object.entries(card)) {
    if (name === "classes") {
      if (!Array.isArray(value) || !value.every((one) => typeof one === "string"))
        throw new SyntaxError("classes in a model card must be a list of names");
      flags.classes = value;
    } else if (isFlagName(name)) {
      if (!["string", "number", "boolean"].includes(typeof value))
        throw new SyntaxError(`${name} in a model card must be text, a number, true or false`);
      flags[name] = parseFlag(name, String(value));
    } else {
      const meant = near(name, [...Object.keys(flagKinds), "classes"], mistypedInCard);
      if (meant.length > 0) throw new SyntaxError(`"${name}" in its model card is no flag${didYouMean(meant)}`);
      others.push(name);
    }
  }
  return { flags: flags as ModelFlags, others };
}

export const parseCard = (text: string): ModelFlags => readCard(text).flags;

/** Keys of a card that are passed over, for whoever thinks that they count. */
export function othersInCard({ others }: Card): string[] {
  const shown = firstOf(others, 5, (name) => JSON.stringify(name.slice(0, 40)));
  return others.length === 0 ? [] : [`its card has ${shown}, which no flag is called: passed over`];
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(`A model card must be JSON: ${(error as Error).message}`);
  }
}
