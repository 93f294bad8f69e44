/** What is wrong with a gradient, in the words of those who wired what is differentiated. */
import { type DrawnGraph, GraphError } from "../../nodes/index.ts";
import { GradientError, type Place, reachInWords, ZeroGradientError } from "../../onnx/index.ts";

/**
 * An operator is of the node whose path is in its name, one of a network of none: one that cannot be differentiated is that
 * node's error, one at which all gradients end is named by that node's title. Any other error is left as it is.
 */
export function atFault({ nodes, called: { of, by } }: DrawnGraph, error: unknown): unknown {
  const holder = (name: string) => nodes.findLast(({ path }) => name.includes(`/${path}/`));
  if (error instanceof GradientError) return new GraphError(error.message, undefined, holder(error.node)?.path);
  if (!(error instanceof ZeroGradientError)) return error;
  const called = ({ op, name }: Place): string => {
    const node = holder(name);
    return node ? `${op} of “${node.title}”` : `${op} "${name}"`;
  };
  const why = reachInWords(error.reach, { of, wrt: by }, called);
  return new GraphError(`Cannot differentiate: ${why}`, "of");
}
