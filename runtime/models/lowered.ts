/** What runs of a graph on a device: lowered for its kernels. */
import { lackingOnWebGpu, lower, type OnnxModel } from "../../onnx/index.ts";
import type { Provider } from "./host.ts";

export type Kernels = Pick<Provider, "flavour" | "name">;

/** Throws a RangeError for what the device cannot compute, which a run would fail by or be wrong. */
export function loweredFor(model: OnnxModel, { flavour, name }: Kernels): OnnxModel {
  const lowered = lower(model, flavour);
  const lacking = name === "webgpu" ? lackingOnWebGpu(lowered) : undefined;
  if (lacking !== undefined) throw new RangeError(lacking);
  return lowered;
}

/** What of a device a lowered graph depends on. */
export const kernelWords = ({ flavour, name }: Kernels): readonly string[] => [
  flavour,
  ...(name === "webgpu" ? [name] : []),
];
