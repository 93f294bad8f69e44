/** What in a graph draws anew at each call. A seed in the file does not help: a session draws on from where it is. */
import { toFloat32 } from "./checkpoint/to-float32.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxTensor } from "./ir.ts";
import { innerGraphs, usesOf } from "./rewrite/captures.ts";
import { constantOf } from "./shapes/infer.ts";
import { standardIfPossible } from "./standard/standard.ts";

const drawing: ReadonlySet<string> = new Set([
  "Bernoulli",
  "Multinomial",
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Sampling",
]);
/** Where these are told how much to drop, and whether they do: only in training. */
const dropping: ReadonlyMap<string, { readonly ratio: number; readonly training: number }> = new Map([
  ["Dropout", { ratio: 1, training: 2 }],
  ["BitmaskDropout", { ratio: 1, training: 2 }],
  ["BiasDropout", { ratio: 3, training: 4 }],
  ["BitmaskBiasDropout", { ratio: 3, training: 4 }],
]);
/** What these say of a tensor does not depend on its values. */
const ofShapeAlone: ReadonlySet<string> = new Set(["Shape", "Size"]);

type Constants = (name: string) => OnnxTensor | undefined;

/** Why each of these outputs is drawn at random, in words for a person; those that are not are left out. */
export function drawnAtRandom(given: OnnxModel, outputs: readonly string[]): ReadonlyMap<string, string> {
  if (!mentions(given.graph)) return new Map();
  // With what can be computed beforehand as constants.
  const { graph } = standardIfPossible(given);
  return new Map(
    outputs.flatMap((output): [string, string][] => {
      const node = drawnIn(graph, [output], () => undefined);
      return node ? [[output, inWords(node)]] : [];
    }),
  );
}

function inWords({ op, name }: OnnxNode): string {
  const at = `${op} in node "${name}"`;
  return dropping.has(op)
    ? `it draws at random, as in training, and the same seed would not give the same again (${at}): export it after model.eval()`
    : `it draws at random, and the same seed would not give the same again (${at}): export it after model.eval(), or with what it draws as an input, to which Gaussian Noise or Draw Noise is wired`;
}

const mentions = ({ nodes }: OnnxGraph): boolean =>
  nodes.some((node) => drawing.has(node.op) || dropping.has(node.op) || innerGraphs(node).some(mentions));

/** The last node behind these values that draws. */
function drawnIn(graph: OnnxGraph, wanted: readonly string[], outside: Constants): OnnxNode | undefined {
  const constants = constantsOf(graph, outside);
  const needed = new Set(wanted);
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    if (draws(node, constants)) return node;
    for (const inner of innerGraphs(node)) {
      const given = inner.outputs.map(({ name }) => name);
      // What one turn of a loop gives may be read by the next.
      const read = node.op === "If" ? given.filter((_, i) => needed.has(node.outputs[i])) : given;
      const found = drawnIn(inner, read, constants);
      if (found) return found;
    }
    if (!ofShapeAlone.has(node.op)) for (const name of usesOf(node)) needed.add(name);
  }
  return undefined;
}

function constantsOf({ nodes, initializers, inputs }: OnnxGraph, outside: Constants): Constants {
  const made = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const entering = new Set(inputs.map(({ name }) => name));
  return (name) => {
    const node = made.get(name);
    if (node) return node.op === "Constant" && node.domain === "" ? constantOf(node) : undefined;
    return initializers.get(name) ?? (entering.has(name) ? undefined : outside(name));
  };
}

function draws({ op, inputs }: OnnxNode, constants: Constants): boolean {
  const dropped = dropping.get(op);
  if (!dropped) return drawing.has(op);
  const isZero = (name: string): boolean => {
    const tensor = constants(name);
    return tensor?.data instanceof Uint8Array && toFloat32(tensor.data, tensor.type)[0] === 0;
  };
  const [ratio = "", training = ""] = [inputs[dropped.ratio], inputs[dropped.training]];
  return training !== "" && !isZero(training) && !(ratio !== "" && isZero(ratio));
}
