/** What may be the value of a parameter: the one rule of builders, plans, and what a wire brings. */
import type { ParameterShape } from "./ports.ts";

interface Taking {
  readonly kind: string;
  readonly parameter?: Omit<ParameterShape, "default"> | undefined;
}

/** What is wrong with `value` as the parameter of a port, in words that name the value and what is allowed; undefined when nothing is. */
export function parameterProblem({ kind, parameter }: Taking, value: unknown): string | undefined {
  const { min, max, integer, choices, seed } = parameter ?? {};
  if (kind === "boolean")
    return typeof value === "boolean" ? undefined : `It must be true or false, not ${shown(value)}`;
  if (kind === "text") {
    if (typeof value !== "string") return `It must be a text, not ${shown(value)}`;
    if (choices && !choices.includes(value))
      return `It must be one of ${choices.map(shown).join(", ")}, not ${shown(value)}`;
    return undefined;
  }
  if (kind === "number,tensor" && isTensor(value)) return eachProblem(parameter, value.data);
  const whole = integer || seed;
  const [low, high] = [min ?? (seed ? 0 : undefined), max ?? (whole ? Number.MAX_SAFE_INTEGER : undefined)];
  const allowed = `${whole ? "a whole number" : "a number"}${range(low, high)}`;
  const fits =
    typeof value === "number" &&
    Number.isFinite(value) &&
    (!whole || Number.isSafeInteger(value)) &&
    value >= (low ?? -Infinity) &&
    value <= (high ?? Infinity);
  return fits ? undefined : `It must be ${allowed}, not ${shown(value)}`;
}

/** Of numbers that a wire brings, one for each sample: of the first that is wrong. */
function eachProblem(parameter: Taking["parameter"], numbers: ArrayLike<number>): string | undefined {
  const problems = Array.from(numbers, (number) => parameterProblem({ kind: "number", parameter }, number));
  const at = problems.findIndex((problem) => problem !== undefined);
  return at < 0 ? undefined : `${problems[at]}, which sample ${at} has`;
}

const isTensor = (value: unknown): value is { readonly data: Float32Array } =>
  typeof value === "object" && value !== null && "data" in value && value.data instanceof Float32Array;

function range(min: number | undefined, max: number | undefined): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? "" : ` of at most ${max}`;
}

function shown(value: unknown): string {
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
