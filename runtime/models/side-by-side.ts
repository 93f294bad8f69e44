/** Networks that look at the same x and t, as one graph: what each takes and gives beside those is its own. */
import { type Call, type Dim, type OnnxGraph, sideBySide, type ValueInfo } from "../../onnx/index.ts";

/** A network that is asked for one output. */
export interface Part {
  /** Equal for those of one network. */
  readonly network: string;
  /** All that it takes, with as many dims as there are; `x` and `t` say which of it are those. */
  readonly inputs: readonly ValueInfo[];
  readonly x: string;
  readonly t?: string | undefined;
  readonly output: string;
}

export interface SideBySide {
  readonly graph: OnnxGraph;
  readonly calls: readonly Call[];
  /** In the order of the parts: by which name an input is fed, and by which the answer is given. */
  readonly inputs: readonly ReadonlyMap<string, string>[];
  readonly outputs: readonly string[];
}

export function sideBySideOf(parts: readonly Part[]): SideBySide {
  const x = sharedX(parts.map(xIn));
  const infos = new Map<string, ValueInfo>();
  const inputs = parts.map((part, i) => {
    const own = xIn(part);
    // A length that goes by a name is that of x where x has one of that name.
    const lengthOf = (dim: Dim, axis: number): Dim => {
      if (typeof dim === "number") return dim;
      if (own.includes(dim)) return x[own.indexOf(dim)];
      return axis === 0 ? "N" : `${i} ${dim}`;
    };
    const named = part.inputs.map(({ name, type, dims }) => {
      const shared = name === part.x ? "x" : name === part.t ? `t ${type}` : `${i} ${name}`;
      infos.set(shared, { name: shared, type, dims: name === part.x ? x : (dims ?? []).map(lengthOf) });
      return [name, shared] as const;
    });
    return new Map(named);
  });
  const outputs = parts.map((_, i) => `answer ${i}`);
  const calls = parts.map(
    ({ network, output }, i): Call => ({
      ...{ name: `call ${i}`, at: 0, network, inputs: inputs[i] },
      outputs: new Map([[output, outputs[i]]]),
    }),
  );
  return { graph: sideBySide([...infos.values()], calls), calls, inputs, outputs };
}

const xIn = ({ inputs, x }: Part): readonly Dim[] => inputs.find(({ name }) => name === x)?.dims ?? [];

/** A length that no network fixes stays open: one graph is for all of them. */
const sharedX = (own: readonly (readonly Dim[])[]): readonly Dim[] =>
  (own[0] ?? []).map(
    (_, axis) =>
      own.map((dims) => dims[axis]).find((dim) => typeof dim === "number") ?? (axis === 0 ? "N" : `x ${axis}`),
  );
