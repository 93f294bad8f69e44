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
}

/** `needed`: of `drawn` and the wishes. Throws a GraphError with the path of the node that cannot be drawn. */
export function draw(
  drawn: DrawnGraph,
  wishes: readonly DrawnWish[],
  needed: Needed,
  run: Run,
  behind: Behind,
): Sketch {
  const sheet = new FedSheet(run);
  const variable = sheet.tensor(({ variable }) => variable);
  const made = new Map<string, Drawn<Ports>>();
  // What a loop carries is not there in its first step: an input that may be absent then is.
  const outside = (kind: Kind, index: number) =>
    run.outside[index] === undefined
      ? undefined
      : entering(kind, (run) => run.outside[index], run.outside[index], sheet, behind);
  const found = (source: DrawnSource, kind: Kind): unknown => {
    if (source.is === "variable") return variable;
    return source.is === "output" ? made.get(source.of)?.[source.output] : outside(kind, source.index);
  };
  for (const { path, definition, inputs } of drawn.nodes) {
    const ports = needed.get(path);
    if (!ports) continue;
    const drawIt = () => {
      const given = [...ports].map((port) => [port, found(inputs[port], definition.inputs[port].kind)]);
      return definition.draw!(Object.fromEntries(given), sheet) as Drawn<Ports>;
    };
    made.set(
      path,
      sheet.op.within(path, () => atNode(path, drawIt)),
    );
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
  outputs.set("of", found(drawn.of, "tensor") as Value);
  const { calls, networks, feeds } = sheet;
  return { graph: sheet.graph(outputs), calls, networks, feeds, variable, wishes: wished };
}

function atNode<T>(path: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const { message, port, path: inner } = error as GraphError;
    throw new GraphError(message, port, inner ?? path);
  }
}
