/**
 * Names that a structure has for itself: what it gives its graph, its parameters, what it computes. An input of its graph that is
 * called so is that very one, and must be of its kind; an output of its graph is never what it computes itself.
 */
import type { Definition } from "./ports.ts";
import { kindFits } from "./structures.ts";
import { own } from "./types.ts";

/** What is wrong with an input of its graph of that name and kind. */
export function ownedInputProblem(
  { title, gives, inputs }: Definition,
  name: string,
  kind: string,
): string | undefined {
  const owned = own(gives, name) ?? own(inputs, name);
  if (!owned || kindFits(owned.kind, kind)) return undefined;
  return `"${name}" is the ${title}'s own, a ${owned.kind}: rename this input, or make it a ${owned.kind}`;
}

/** What is wrong with an output of its graph of that name. */
export const ownedOutputProblem = ({ title, outputs }: Definition, name: string): string | undefined =>
  own(outputs, name) && `"${name}" is what the ${title} itself gives: rename this output`;
