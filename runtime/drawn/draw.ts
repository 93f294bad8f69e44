/** Draws what is wired: node by node, each by its own `draw`. */
import type { Tensor } from "../../diffusion/index.ts";
import {
  type Drawn,
  type DrawnGraph,
  type DrawnKind,
  type DrawnSource,
  type DrawnWish,
  GraphError,
  type Kind,
  type Needed,
  type Ports,
  type Value,
} from "../../nodes/index.ts";
import type { Call, OnnxGraph } from "../../onnx/index.ts";
import type { Called } from "../models/composition.ts";
import { type Fed, FedSheet, type Run } from "./drawing.ts";
import { givenBy, unseen, type Watched } from "./unseen.ts";
import { type Behind, entering, type Leaving, leaving } from "./values.ts";

export interface Sketch {
  /** Its outputs are what is wished, but for `gradient`, and `of`, which is differentiated. */
  readonly graph: OnnxGraph;
  readonly calls: readonly Call[];
  readonly networks: ReadonlyMap<string, Called>;
  readonly feeds: readonly Fed[];
  /** The name of the variable among its inputs. */
  readonly variable: string;
  /** For each wish the outputs of which it is made. */
  readonly wishes: readonly { readonly names: readonly string[]; make: Leaving["make"] }[];
  /** In order. */
  readonly watched: readonly Watched[];
  /** Whether it has an output `unseen`: NaN where what is watched holds NaN or infinity that no other output shows. */
  readonly hasUnseen: boolean;
}

/**
 * `needed`: of `drawn` and the wishes. `isOpen`: what is watched are outputs too, called `watched` and its number. Throws a
 * GraphError with the path of the node that cannot be drawn.
 */
export function draw(
  drawn: DrawnGraph,
  wishes: readonly DrawnWish[],
  needed: Needed,
  run: Run,
  behind: Behind,
  isOpen = false,
): Sketch {
  const sheet = new FedSheet(run);
  const variable = sheet.tensor(({ variable }) => variable);
  const made = new Map<string, Drawn<Ports>>();
  const watched: Watched[] = [];
  // What a loop carries is not there in its first step: an input that may be absent then is.
  const outside = (kind: Kind, index: number) =>
    run.outside[index] === undefined
      ? undefined
      : entering(kind, (run) => run.outside[index], run.outside[index], sheet, behind);
  const found = (source: DrawnSource, kind: Kind): unknown => {
    if (source.is === "variable") return variable;
    return source.is === "output" ? made.get(source.of)?.[source.output] : outside(kind, source.index);
  };
  for (const { path, title, definition, inputs } of drawn.nodes) {
    const ports = needed.get(path);
    if (!ports) continue;
    const [calls, nodes] = [sheet.calls.length, sheet.op.nodes.length];
    const drawIt = () => {
      const given = [...ports].map((port) => [port, found(inputs[port], definition.inputs[port].kind)]);
      return definition.draw!(Object.fromEntries(given), sheet) as Drawn<Ports>;
    };
    const given = sheet.op.within(path, () => atNode(path, drawIt));
    made.set(path, given);
    for (const { network, outputs } of sheet.calls.slice(calls))
      for (const value of outputs.values())
        watched.push({ path, value, source: sheet.networks.get(network)!.network.label });
    for (const { op, inputs } of sheet.op.nodes.slice(nodes))
      if (op === "Clip") watched.push({ path, value: inputs[0], source: `${title}, before it is clipped,` });
    for (const [name, { kind }] of Object.entries(definition.outputs))
      for (const [part, value] of given[name] === undefined ? [] : (givenBy[kind]?.(given[name]) ?? []))
        watched.push({ path, value, source: `${part}"${name}" of ${title}` });
  }
  const kindOf = (of: string, output: string): DrawnKind => {
    const node = drawn.nodes.find(({ path }) => path === of);
    return node!.definition.outputs[output].kind as DrawnKind;
  };
  const outputs = new Map<string, Value>();
  const wished = wishes.map((wish) => {
    if (wish === "gradient") return { names: ["gradient"], make: ([gradient]: readonly Tensor[]) => gradient };
    const kind = kindOf(wish.of, wish.output);
    const { values, make } = (leaving[kind] as (drawn: unknown) => Leaving)(made.get(wish.of)![wish.output]);
    const names = values.map((value, i) => {
      const name = `${wish.of} ${wish.output}${i}`;
      outputs.set(name, value);
      return name;
    });
    return { names, make };
  });
  const of = found(drawn.of, "tensor") as Value;
  const seen = [...outputs.values(), ...(wishes.includes("gradient") ? [of] : [])];
  outputs.set("of", of);
  const { calls, networks, feeds, op } = sheet;
  const hidden = isOpen
    ? []
    : unseen({ nodes: op.nodes, calls, type: (value) => sheet.facts(value)?.type }, watched, seen);
  // x − x is 0, and NaN of NaN and infinity.
  const sums = hidden.map((value) => op.ReduceSum(op.Sub(value, value), { keepdims: 0 }));
  if (sums.length > 0)
    outputs.set(
      "unseen",
      sums.reduce((a, b) => op.Add(a, b)),
    );
  if (isOpen) for (const [i, { value }] of watched.entries()) outputs.set(`watched${i}`, value);
  const graph = sheet.graph(outputs);
  return { graph, calls, networks, feeds, variable, wishes: wished, watched, hasUnseen: sums.length > 0 };
}

function atNode<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const { message, port, path: inner } = error as GraphError;
    throw new GraphError(message, port, inner ?? path);
  }
}
