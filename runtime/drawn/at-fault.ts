/** What is wrong with a gradient, in the words of those who wired what is differentiated. */
import { type DrawnGraph, GraphError } from "../../nodes/index.ts";
import { GradientError, type Place, reachInWords, ZeroGradientError } from "../../onnx/index.ts";
import { nodeOfOperator } from "./operator-names.ts";

/**
 * An operator of a network is of no node. One that cannot be differentiated is its node's error, one at which all gradients end
 * is named by its node's title. Any other error is left as it is.
 */
export function atFault({ nodes, called: { of, by } }: DrawnGraph, error: unknown): unknown {
  if (error instanceof GradientError)
    return new GraphError(error.message, undefined, nodeOfOperator(nodes, error.node)?.path);
  if (!(error instanceof ZeroGradientError)) return error;
  const called = ({ op, name }: Place): string => {
    const node = nodeOfOperator(nodes, name);
    return node ? `${op} of “${node.title}”` : `${op} "${name}"`;
  };
  const why = reachInWords(error.reach, { of, wrt: by }, called);
  return new GraphError(`Cannot differentiate: ${why}`, "of");
}
