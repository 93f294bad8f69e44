/** From `--backend` to a provider. */
import { graphBuilder, writeModel } from "../../onnx/index.ts";
import { nativeWords, type Provider } from "../../runtime/index.ts";
import { cudaRefusal, isWithoutCard, noVulkan, vulkanRefusal, webgpuRefusal, whyCudaIsNotLoaded } from "./devices.ts";
import { nativeProvider, type ProviderOptions } from "./native.ts";
import { rehearsed } from "./rehearsal.ts";
import { wasmProvider, wasmRefusal } from "./wasm.ts";

export const backends = ["auto", "cuda", "webgpu", "cpu", "wasm"] as const;
export type Backend = (typeof backends)[number];

/**
 * The provider asked for, once it has run a small model and, on a graphics card, passed its self-test; `auto`: cuda, then webgpu
 * unless its adapter is a software one, then cpu. `say` gets the line that tells which and why. Throws when the one asked for
 * does not start, or computes wrongly.
 */
export async function chooseProvider(
  backend: Backend,
  options: ProviderOptions,
  say: (line: string) => void,
): Promise<Provider> {
  if (backend === "wasm") {
    const refusal = wasmRefusal();
    if (refusal !== undefined) throw new Error(`Backend wasm does not start: ${refusal}${useCpu}`);
    return wasmProvider(options);
  }
  if (backend === "cpu") return nativeProvider("cpu", options);
  if (backend !== "auto") {
    const refusal = backend === "cuda" ? cudaRefusal() : vulkanRefusal();
    const tried = refusal ?? (await onCard(nativeProvider(backend, options), say));
    if (typeof tried === "string")
      throw new Error(`Backend ${backend} ${refusal ? `does not start: ${refusal}` : tried}${useCpu}`);
    return tried;
  }
  const reasons: string[] = [];
  for (const [name, refusal] of [
    ["cuda", cudaRefusal()],
    ["webgpu", webgpuRefusal() ?? vulkanRefusal()],
  ] as const) {
    const tried = refusal ?? (await onCard(nativeProvider(name, options), say));
    if (typeof tried !== "string") {
      say([`Backend ${name}`, ...reasons].join("; "));
      return tried;
    }
    reasons.push(`no ${name}: ${tried}`);
  }
  say(["Backend cpu", ...reasons].join("; "));
  return nativeProvider("cpu", options);
}

/** What can be done where a backend does not start; who named devices is told another way. */
export const useCpu = ". Use --backend cpu";

/** A card's provider as it turns out to be, or why it cannot be used. */
export async function onCard(provider: Provider, say: (line: string) => void): Promise<Provider | string> {
  const reason = await whyUnusable(provider);
  if (reason !== undefined) return `does not start: ${reason}`;
  const { selfTest } = await import("./self-test.ts");
  const { wrong, noHalf } = await selfTest(provider);
  if (wrong !== undefined && provider.flavour !== "portable") {
    // What its runtime has beside the standard may be what is off.
    const plain = await onCard({ ...provider, flavour: "portable" }, say);
    if (typeof plain !== "string") say(`${provider.name} is used without operators of its own: ${wrong}`);
    return plain;
  }
  if (wrong !== undefined) return `computes wrongly: ${wrong}`;
  return noHalf === undefined ? provider : { ...provider, fp16: false, noHalf };
}

/** Why a provider cannot run the smallest model, or undefined when it can. */
export async function whyUnusable(provider: Provider): Promise<string | undefined> {
  const op = graphBuilder();
  op.output("y", op.Add(op.input("x", "float32", [1]), 1), "float32", [1]);
  const model = await writeModel(op.model("probe"));
  try {
    if (provider.name === "webgpu" && isWithoutCard()) await rehearsed(model);
    const { Tensor } = await import("onnxruntime-common");
    const session = await provider.createSession({ bytes: model.length, model, external: [] });
    const { y } = await session.run({ x: new Tensor("float32", Float32Array.of(1), [1]) });
    await session.release();
    return (y.data as Float32Array)[0] === 2 ? undefined : "it computes 1 + 1 wrongly";
  } catch (error) {
    const words = nativeWords(error);
    if (/Failed to get a WebGPU adapter/.test(words) && process.platform === "linux") return noVulkan;
    return /Failed to load shared library/.test(words) ? (whyCudaIsNotLoaded() ?? words) : words;
  }
}
