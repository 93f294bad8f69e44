/** What is asked of a value that a wire brings. */
import { parameterProblem } from "../graphs/document/index.ts";
import { GraphError, type Port } from "../nodes/index.ts";

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
