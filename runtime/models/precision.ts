/**
 * In which precision a network is computed. Half is what the reference's `use_fp16` means (convert_module_to_f16 over input,
 * middle and output blocks): a UNet's convolutions and attention products in float16. Statistics, softmax, embeddings and
 * the head, all classifiers and every gradient are float32 always: there is no loss scaling that would keep a gradient.
 */
import type { Provider } from "./host.ts";
import type { Network } from "./network.ts";

/** "auto": half where the checkpoint's flags say so and the device gains by it. */
export const precisions = ["auto", "half", "float"] as const;
export type Precision = (typeof precisions)[number];

export interface Computed {
  readonly half: boolean;
  /** What a person should know of it, for the whole run. */
  readonly said?: string;
}

type Judged = Pick<Network, "role" | "about" | "file">;

/** In which precision the UNets of a graph are computed, all or in part: pictures of another are other pictures. */
export const computedIns = ["float32", "float16", "float16 in part"] as const;
export type ComputedIn = (typeof computedIns)[number];

/**
 * What `precision` comes to for one network: "auto" as its run was `begun`, perhaps by another device, or by what this one gains.
 * Throws a RangeError where half was typed and cannot be had: its pictures would be another run's.
 */
export function computed(
  { role, about, file: asItIs }: Judged,
  { name, fp16, noHalf }: Pick<Provider, "name" | "fp16" | "noHalf">,
  precision: Precision,
  begun?: ComputedIn,
): Computed {
  const { file, flags } = about;
  const asks = role === "classifier" ? flags.classifier_use_fp16 === true : flags.use_fp16 === true;
  const floats = (why: string): Computed => ({
    half: false,
    ...(asks && { said: `"${file}" asks for float16; ${why}` }),
  });
  if (asItIs)
    return precision === "half" ? { half: false, said: `"${file}" is computed as its file has it` } : { half: false };
  if (role !== "unet") return floats("classifiers and gradients are computed in float32");
  if (precision === "float") return floats("by --precision float it is computed in float32");
  if (precision === "auto" && !asks) return { half: false };
  const isFloat = precision === "auto" && (begun ?? "float32") === "float32";
  if (isFloat && begun !== undefined && fp16 && noHalf === undefined) return floats("its run was begun in float32");
  if (noHalf !== undefined && precision === "half")
    throw new RangeError(`--precision half cannot be had on ${name}: ${noHalf}. Use --precision auto`);
  if (noHalf !== undefined) return floats(`on ${name} it is computed in float32: ${noHalf}`);
  if (isFloat && !fp16) return floats(`on ${name} it is computed in float32`);
  const slower = fp16 ? "" : "; there that is no faster than float32";
  return {
    half: true,
    said: `"${file}": convolutions and attention in float16 on ${name}, all else in float32${slower}`,
  };
}

/** The same for all networks of a graph together: where it is not as it was begun, this device cannot. Throws as `computed` does. */
export function computedIn(
  networks: readonly Judged[],
  provider: Pick<Provider, "name" | "fp16" | "noHalf">,
  precision: Precision,
  begun?: ComputedIn,
): ComputedIn {
  const unets = networks.filter(({ role, file }) => role === "unet" && !file);
  const halves = unets.filter((network) => computed(network, provider, precision, begun).half).length;
  if (halves === 0) return "float32";
  return halves === unets.length ? "float16" : "float16 in part";
}
