/** What arithmetic makes of meanings. */
import type { Meaning, TensorFacts } from "../kinds.ts";
import * as port from "../port.ts";

/** What a tensor means that comes from elsewhere. */
export const meaningParameter = port.text({
  default: "",
  choices: ["", "x", "x0", "eps", "mean", "gradient"] satisfies readonly (Meaning | "")[],
  empty: "nothing in particular",
  help: "What its values mean, for nodes that ask; empty: nothing in particular.",
});

/** The same kind of thing stays what it is; a point moved along a gradient stays a point; anything else is not known. */
export function sumMeaning(a: TensorFacts = {}, b: TensorFacts = {}): { readonly meaning?: Meaning } {
  if (a.meaning === undefined || b.meaning === undefined) return {};
  if (a.meaning === b.meaning || b.meaning === "gradient") return { meaning: a.meaning };
  return a.meaning === "gradient" ? { meaning: b.meaning } : {};
}

/** Scaling, masking and projecting keep the meaning. */
export const sameMeaning = ({ meaning }: TensorFacts = {}): { readonly meaning?: Meaning } =>
  meaning === undefined ? {} : { meaning };
