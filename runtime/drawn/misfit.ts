/** Why a graph could not be computed, in the words of its own nodes: of two sizes that do not fit onnxruntime names operators. */
import { type DrawnGraph, type DrawnNode, factsOfValue, GraphError, type Known, traitsOf } from "../../nodes/index.ts";
import { nativeWords } from "../models/native-words.ts";
import type { Run } from "./drawing.ts";
import { nodeOfOperator } from "./operator-names.ts";

const ofSizes = /\b(dimensions?|shapes?|rank|axis|axes|broadcast|channels?)\b/i;

/** What planning asks a node, which a run met the values of. */
type Infer = (facts: object, known: Known) => Readonly<Record<string, object | undefined>>;

/**
 * The first node that refuses the sizes that it is given; else the one at whose operators onnxruntime stopped, with those sizes;
 * else what onnxruntime says.
 */
export function misfit({ nodes }: DrawnGraph, { variable, outside }: Run, error: unknown): GraphError {
  if (error instanceof GraphError && error.path !== undefined) return error;
  const words = nativeWords(error);
  const made = new Map<string, Readonly<Record<string, object | undefined>>>();
  const sizes = new Map<string, string>();
  const odd = new Set<string>();
  for (const { path, definition, inputs } of nodes) {
    const ports = Object.entries(inputs).map(([port, source]) => {
      if (source.is === "output") return { port, facts: made.get(source.of)?.[source.output] ?? {} };
      const value = source.is === "variable" ? variable : outside[source.index];
      return {
        port,
        value,
        facts: value === undefined ? undefined : factsOfValue(definition.inputs[port].kind, value),
      };
    });
    sizes.set(path, sizesOf(ports));
    if (ports.some(({ facts }) => facts && "dims" in facts)) odd.add(path);
    const values = new Map(ports.map(({ port, value }) => [port, value]));
    const known = { parameter: (name: string) => values.get(name), stepsFromNothing: () => undefined };
    const facts = Object.fromEntries(ports.flatMap(({ port, facts }) => (facts ? [[port, facts]] : [])));
    try {
      made.set(path, (definition as DrawnNode["definition"] & { infer?: Infer }).infer?.(facts, known as never) ?? {});
    } catch (refused) {
      if (refused instanceof GraphError) return new GraphError(refused.message, refused.port, path);
    }
  }
  const named = nodeOfOperator(nodes, words);
  // Where the operator is a network's, or was fused, it is a tensor of another rank that nobody refuses, or what asks networks.
  const at = (named ?? nodes.find(({ path }) => odd.has(path)) ?? nodes.find(asksNetwork))?.path;
  const met = at === undefined ? undefined : sizes.get(at);
  if (met && ofSizes.test(words)) return new GraphError(`Its inputs do not fit: ${met}`, undefined, at);
  return error instanceof GraphError
    ? error
    : new GraphError(`What is differentiated cannot be computed: ${words}`, undefined, at);
}

const asksNetwork = ({ definition: { inputs } }: DrawnNode): boolean =>
  Object.values(inputs).some(({ kind }) => traitsOf(kind)?.handle === true);

interface Given {
  readonly port: string;
  readonly facts: object | undefined;
}

const sizesOf = (ports: readonly Given[]): string =>
  ports
    .flatMap(({ port, facts = {} }) => {
      const { dims, batch, channels, height, width } = facts as Readonly<Record<string, unknown>>;
      const sides = (dims as readonly number[] | undefined) ?? [batch, channels, height, width];
      return sides.every((side) => side === undefined)
        ? []
        : [`${port} is ${sides.map((side) => side ?? "?").join("×")}`];
    })
    .join(", ");
