/** Whose operator it is that has a name: it tells the node in whose drawing it is, or the call of a network. */
import type { DrawnNode } from "../../nodes/index.ts";
import { drawnWord } from "./sheet.ts";

/** "n/7/3/Mul.2", its gradient "gradient/n/7/3/Mul.2.gradient/Neg.4"; in "n/call0/layers/3/Conv" all behind the call is a file's. */
const drawnOperator = new RegExp(String.raw`(?<![^\s"'(])(?:[a-z]+\d*/)?${drawnWord}/([^\s"']+?)/[A-Z]\w*\.\d+`);

/** The node to which the operator belongs that is named first in these words; none where it is a network's, or of nobody. */
export function nodeOfOperator(nodes: readonly DrawnNode[], words: string): DrawnNode | undefined {
  const [, of] = drawnOperator.exec(words) ?? [];
  return nodes.find(({ path }) => path === of);
}
