/** Networks as a drawing sees them: called with what `runtime/world.ts` would feed them. */
import type { Step } from "../../diffusion/index.ts";
import {
  type DrawnClassifier,
  type DrawnCondFn,
  type DrawnModel,
  type DrawnNetwork,
  type Given,
  GraphError,
  type NetworkFacts,
  type Value,
} from "../../nodes/index.ts";
import type { Dim, ValueInfo } from "../../onnx/index.ts";
import type { Network } from "../models/network.ts";
import { batchDim, type Sheet } from "./sheet.ts";

export function drawnModel(network: Network, facts: NetworkFacts, sheet: Sheet): DrawnModel {
  const { roles, label } = network;
  return {
    facts,
    predict(x, step, { y, lowRes, condition }) {
      const inputs = inputsOf(network, sheet, x, step);
      const beside = [
        { role: roles.y, value: y, port: "labels" },
        { role: roles.lowRes, value: lowRes, port: "low_res" },
        { role: roles.condition, value: condition, port: "condition" },
      ];
      for (const { role, value, port } of beside) {
        if (role && value === undefined) throw new GraphError(`${label} takes ${port}: wire it`, port);
        if (role && value !== undefined) inputs.set(role.name, value);
      }
      const [n, c, ...sides] = sheet.shape(x);
      const channels = facts.learnSigma && typeof c === "number" ? 2 * c : c;
      const actual = { network: atSize(network, sheet, x), use: "forward" } as const;
      return { out: sheet.call(actual, inputs, roles.out.name, [n, channels, ...sides]), facts, step };
    },
  };
}

export const drawnClassifier = (network: Network, facts: NetworkFacts, sheet: Sheet): DrawnClassifier => ({
  facts,
  logits: (x, step) => called(network, sheet, inputsOf(network, sheet, x, step), network.roles.out, x),
  condFn: (labels, scale) =>
    drawnCondFn(network, sheet, { labels: (of) => labels.each(undefined, of), scale: () => scale.value }),
});

export const drawnNetwork = (network: Network, facts: NetworkFacts, sheet: Sheet): DrawnNetwork => ({
  facts,
  apply(x, output, other, step) {
    const { roles, label } = network;
    const inputs = inputsOf(network, sheet, x, step);
    if (roles.other && other !== undefined) inputs.set(roles.other.name, other);
    const out = output === "" ? roles.out : roles.outs.find(({ name }) => name === output);
    if (!out) throw new GraphError(`${label} has no output "${output}"`, "output");
    return called(network, sheet, inputs, out, x);
  },
});

/** What a cond_fn is of: N labels, and a number. */
export interface Wanted {
  labels(of: Value): Value;
  scale(): Value;
}

export const drawnCondFn = (network: Network, sheet: Sheet, { labels, scale }: Wanted): DrawnCondFn => ({
  gradient(x, step) {
    const inputs = inputsOf(network, sheet, x, step);
    inputs.set("labels", labels(x));
    inputs.set("scale", scale());
    const actual = { network: atSize(network, sheet, x), use: "cond_fn" } as const;
    return sheet.call(actual, inputs, "gradient", sheet.shape(x));
  },
});

function inputsOf(
  { roles }: Network,
  { op, shape }: Sheet,
  x: Value,
  step: Given<Step> | undefined,
): Map<string, Value> {
  const inputs = new Map([[roles.x.name, x]]);
  if (!roles.t || !step) return inputs;
  const type = roles.t.type === "int64" ? "int64" : "float32";
  const tOf = ({ modelT }: Step) => (type === "int64" ? Math.trunc(modelT) : modelT);
  if (shape(x)[0] === batchDim)
    return inputs.set(
      roles.t.name,
      step.perSample((step, batch) => new Array<number>(batch).fill(tOf(step)), type),
    );
  // Of draws of samples there are more.
  const count = op.Slice(op.Shape(x), op.int64([0]), op.int64([1]));
  return inputs.set(roles.t.name, op.Expand(op.Cast(step.number(tOf), { to: type }), count));
}

/** A network that is another for pictures of another size, is called as that one there. */
function atSize(network: Network, sheet: Sheet, x: Value): Network {
  const [n, ...picture] = sheet.shape(x);
  const isKnown = picture.every((dim) => typeof dim === "number");
  const dims = [typeof n === "number" ? n : 1, ...(picture as number[])];
  return (isKnown && network.forSize?.(dims)) || network;
}

function called(network: Network, sheet: Sheet, inputs: Map<string, Value>, out: ValueInfo, x: Value): Value {
  const actual = atSize(network, sheet, x);
  const declared = actual.roles.outs.find(({ name }) => name === out.name) ?? out;
  const dims = declared.dims && ([sheet.shape(x)[0], ...declared.dims.slice(1)] as readonly Dim[]);
  return sheet.call({ network: actual, use: "forward" }, inputs, out.name, dims);
}
