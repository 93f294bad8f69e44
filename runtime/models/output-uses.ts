/** What the outputs of a network can be used for, and whether a gradient of each reaches its picture: before any run. */
import { gradientReach, reachInWords, type ValueInfo } from "../../onnx/index.ts";
import type { Network } from "./network.ts";

export interface OutputUse {
  /** `"logits" float32 N×10` */
  readonly output: string;
  readonly use: string;
  /** `its gradient reaches "x"`, or why not. */
  readonly gradient: string;
}

/** One for each output of the graph, in its order. Reads no weights. */
export async function outputUses(network: Network): Promise<readonly OutputUse[]> {
  const model = await network.build({ fp16: false });
  const { x } = network.roles;
  const declared = network.declared ?? x;
  return model.graph.outputs.map((value) => {
    const output = `"${value.name}" ${value.type} ${value.dims?.map((dim) => dim).join("×") ?? "of unknown rank"}`;
    if (!/float/.test(value.type)) return { output, use: "whole numbers, which no node takes", gradient: "none" };
    const ends = { of: value.name, wrt: x.name };
    const why = reachInWords(gradientReach(model, ends), ends);
    const gradient = why === undefined ? `its gradient reaches "${x.name}"` : `no gradient reaches "${x.name}": ${why}`;
    return { output, use: useOf(value, declared), gradient };
  });
}

function useOf({ name, dims }: ValueInfo, x: ValueInfo): string {
  const applied = `Apply Network (output ${name})`;
  const read = `Load Classifier (--logits ${name})`;
  const rest = dims?.slice(1) ?? [];
  const large = rest.filter((dim) => dim !== 1);
  if (dims === undefined) return applied;
  if (large.length === 0) return `one logit or a score for ${read}, a number a sample for ${applied}`;
  if (large.length === 1 && (dims.length === 2 || dims[1] === large[0]))
    return `logits of ${large[0]} classes for ${read}, a vector a sample for ${applied}`;
  const isPicture = dims.length === 4 && dims[2] === x.dims?.[2] && dims[3] === x.dims?.[3];
  return isPicture ? `a prediction for Load UNet (--out ${name}), a picture for ${applied}` : `a tensor for ${applied}`;
}
