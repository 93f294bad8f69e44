/** What a formula of a node may name, and what is said of one that does not read, or names what is not there. */
import { type Expression, FormulaError, functions, namesOf, parseFormula, type Step } from "../../diffusion/index.ts";
import type { StepFacts } from "../kinds.ts";
import { GraphError } from "../node.ts";
import { type StepNumber, stepNumbers, wantCounted } from "../values/step-measures.ts";

export const letters = ["a", "b", "c", "d", "e", "f"] as const;

const stepNames = Object.keys(stepNumbers).join(", ");

export const formulaHelp = `+ − * / ^, comparisons, && || !, x ? y : z, pi, ${Object.values(functions)
  .map(({ form }) => form)
  .join(", ")}; of a wired step ${stepNames}.`;

export const stepHelp = `Lets the formula read ${stepNames}.`;

const isStepNumber = (name: string): name is StepNumber => Object.hasOwn(stepNumbers, name);

export interface Formula {
  readonly expression: Expression;
  /** The inputs that it reads, and the step's numbers. */
  readonly inputs: readonly string[];
  readonly ofStep: readonly StepNumber[];
}

/** Throws a GraphError at `formula` for a text that cannot be read, and for names that are not among `inputs`. */
export function readFormula(text: string, inputs: readonly string[]): Formula {
  const expression = atFormula(() => parseFormula(text));
  const names = [...namesOf(expression)];
  const unknown = names.find(([name]) => !inputs.includes(name) && !isStepNumber(name));
  if (unknown) {
    const all = `${inputs.join(", ")}, and of a step ${stepNames}`;
    throw atFormula(
      () =>
        new GraphError(new FormulaError(text, unknown[1], `${unknown[0]} is not known, but ${all}`).message, "formula"),
    );
  }
  const read = names.map(([name]) => name);
  return { expression, inputs: read.filter((name) => inputs.includes(name)), ofStep: read.filter(isStepNumber) };
}

/** Throws a GraphError for an input that the formula reads and that nothing feeds. */
export function wantWired({ inputs, ofStep }: Formula, wired: Readonly<Record<string, unknown>>): void {
  const missing = inputs.find((name) => wired[name] === undefined);
  if (missing) throw new GraphError(`The formula reads ${missing}: wire it`, missing);
  if (ofStep.length > 0 && wired.step === undefined)
    throw new GraphError(`The formula reads ${ofStep[0]}, which is a number of the step: wire step`, "step");
  wantCounted(ofStep, wired.step as StepFacts | undefined, "formula");
}

/** Of what is wired what the formula does not read, a sentence by the name of each. */
export function unreadNotes<N extends string>(
  text: unknown,
  inputs: readonly N[],
  isWired: (name: N | "step") => boolean,
): { readonly [name in N | "step"]?: string } {
  if (typeof text !== "string") return {};
  try {
    const formula = readFormula(text, inputs);
    const read: readonly string[] = [...formula.inputs, ...(formula.ofStep.length > 0 ? ["step"] : [])];
    const unread = [...inputs, "step" as const].filter((name) => isWired(name) && !read.includes(name));
    const note = (name: string) =>
      `It is wired, and the formula “${text.slice(0, 60)}” does not read ${name === "step" ? "a number of it" : "it"}`;
    return Object.fromEntries(unread.map((name) => [name, note(name)])) as { readonly [name in N | "step"]?: string };
  } catch {
    // What cannot be read is refused.
    return {};
  }
}

/** The values that the formula reads. */
export function valuesOf<V>({ inputs, ofStep }: Formula, wired: Readonly<Record<string, V>>, step: Step | undefined) {
  return {
    ...Object.fromEntries(inputs.map((name) => [name, wired[name]])),
    ...Object.fromEntries(step ? ofStep.map((name) => [name, stepNumbers[name](step)]) : []),
  };
}

/** What `make` gives; that a formula cannot be read, or has no result, is its parameter's error. */
export function atFormula<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof FormulaError || error instanceof RangeError) throw new GraphError(error.message, "formula");
    throw error;
  }
}
