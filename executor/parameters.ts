import { GraphError, type Port } from "../nodes/index.ts";

/** What is wrong with `value` as the parameter of a port, in words that name the value and what is allowed; undefined when nothing is. */
export function parameterProblem(
  { kind, parameter }: Pick<Port, "kind" | "parameter">,
  value: unknown,
): string | undefined {
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
function eachProblem(parameter: Port["parameter"], numbers: ArrayLike<number>): string | undefined {
  const port = { kind: "number", ...(parameter && { parameter }) } as const;
  const problems = Array.from(numbers, (number) => parameterProblem(port, number));
  const at = problems.findIndex((problem) => problem !== undefined);
  return at < 0 ? undefined : `${problems[at]}, which sample ${at} has`;
}

const isTensor = (value: unknown): value is { readonly data: Float32Array } =>
  typeof value === "object" && value !== null && "data" in value && value.data instanceof Float32Array;

/** A parameter that a wire supplies is held to the same range as one that is set. Throws a GraphError at its port. */
export function checkWired(name: string, port: Port, value: unknown): void {
  const problem = parameterProblem(port, value);
  if (problem !== undefined) throw new GraphError(problem, name);
}

/**
 * What a step needs is there: an output that may be absent, as of a Collect that has taken no step yet, can be wired to it.
 * Throws a GraphError at its port.
 */
export function checkThere(name: string, value: unknown): void {
  if (value === undefined)
    throw new GraphError(`Nothing is there yet for "${name}": no step so far has given or collected any`, name);
}

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
