/** What in a file speaks against taking an output for logits of classes: that its vectors are embeddings. */
import type { OnnxModel, OnnxNode } from "../ir.ts";
import { standardIfPossible } from "../standard/standard.ts";

const calledSo = /embed|feature|(^|_)feats?($|_)|latent|represent|descriptor|pooler|hidden_state|projection/i;
const calledOtherwise = /logit|prob|class|score|label/i;

/** Why an output looks like embeddings, in words; undefined where nothing says so. */
export function looksEmbedded(model: OnnxModel, output: string): string | undefined {
  if (calledSo.test(output) && !calledOtherwise.test(output)) return `"${output}" is a name of embeddings`;
  return isOfLengthOne(standardIfPossible(model), output)
    ? `"${output}" is divided by its length, as embeddings are`
    : undefined;
}

/** Operators that hand values on as they are, or nearly so: what keeps a length from 0. */
const passing = new Set("Identity Cast Reshape Squeeze Unsqueeze Flatten Expand Clip Max Add Where".split(" "));
const ofSquares = new Set(["ReduceSum", "ReduceSumSquare"]);

/** Whether it ends as v / ‖v‖: by LpNormalization, or a division by the root of the sum of squares. */
function isOfLengthOne({ graph: { nodes } }: OnnxModel, output: string): boolean {
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const behind = (name: string): OnnxNode | undefined => {
    let node = makers.get(name);
    while (node && passing.has(node.op)) node = node.inputs.map((input) => makers.get(input)).find((one) => one);
    return node;
  };
  const last = behind(output);
  if (last?.op === "LpNormalization") return (last.attributes.p ?? 2) === 2;
  if (last?.op !== "Div") return false;
  const by = behind(last.inputs[1]);
  if (by?.op === "ReduceL2") return true;
  const isRoot = by?.op === "Sqrt" || by?.op === "Pow";
  const sum = isRoot ? behind(by.inputs[0]) : undefined;
  return sum !== undefined && ofSquares.has(sum.op);
}
