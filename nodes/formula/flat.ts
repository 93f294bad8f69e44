/** Parts of a formula that follow the step and give one number all the same: a curve beside the steps, a comparison that never turns. */
import { type Expression, evaluateNumber, namesOf, type Step } from "../../diffusion/index.ts";
import { rangeAlong, shown } from "../values/along.ts";
import { type StepNumber, stepNumbers } from "../values/step-measures.ts";
import { type Formula, letters, readFormula } from "./names.ts";

/** What is known of its inputs in one step: numbers, and the step. */
type Given = Readonly<Partial<Record<(typeof letters)[number], unknown>>> & {
  readonly formula?: string | undefined;
  readonly step?: Step | undefined;
};

/** A sentence about the first such part of the formula, where that is one in all of the steps. */
export function flatNote(given: readonly Given[], inputs: readonly string[], loop: string): string | undefined {
  const [text, ...others] = new Set(given.map(({ formula }) => formula));
  if (typeof text !== "string" || others.length > 0) return undefined;
  try {
    return flatPart(readFormula(text, inputs), given, loop);
  } catch {
    // What cannot be read is refused.
    return undefined;
  }
}

function flatPart({ expression, ofStep }: Formula, given: readonly Given[], loop: string): string | undefined {
  const steps = given.flatMap(({ step }) => (step ? [step] : []));
  if (given.length < 2 || steps.length < given.length) return undefined;
  const values = given.map((one, i) => ({
    ...Object.fromEntries(letters.flatMap((name) => (typeof one[name] === "number" ? [[name, one[name]]] : []))),
    ...Object.fromEntries(ofStep.map((name) => [name, stepNumbers[name](steps[i])])),
  }));
  const names = new Set(Object.keys(values[0]).filter((name) => values.every((one) => name in one)));
  const changing = new Set(ofStep.filter((name) => values.some((one) => one[name] !== values[0][name])));
  for (const part of knownParts(expression, names)) {
    const read = [...namesOf(part)].map(([name]) => name).find((name) => changing.has(name as StepNumber));
    const only = read && onlyValue(part, values);
    if (only === undefined || read === undefined) continue;
    const range = rangeAlong(read as StepNumber, steps);
    const what = part === expression ? "It" : "A part of its formula";
    return `${what} is ${only} in each of the ${steps.length} steps of “${loop}”, although it reads ${read}: ${range}`;
  }
  return undefined;
}

/** The largest parts that read nothing else. */
function knownParts(expression: Expression, known: ReadonlySet<string>): Expression[] {
  if ([...namesOf(expression)].every(([name]) => known.has(name))) return [expression];
  const { is } = expression;
  const inside = is === "both" ? [expression.a, expression.b] : is === "call" ? expression.given : [];
  return inside.flatMap((one) => knownParts(one, known));
}

/** The number that it is for all of these; undefined where there are several, or it has none. */
function onlyValue(part: Expression, values: readonly Readonly<Record<string, number>>[]): string | undefined {
  try {
    const first = evaluateNumber(part, values[0]);
    return values.every((one) => evaluateNumber(part, one) === first) ? shown(first) : undefined;
  } catch {
    return undefined;
  }
}
