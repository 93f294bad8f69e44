/** onnxruntime-web's WebAssembly build, the one that browsers run; in Node it shows what they will draw. */
import { createRequire } from "node:module";
import type { InferenceSession as Session } from "onnxruntime-common";
import type { Provider } from "../../runtime/index.ts";
import type { ProviderOptions } from "./native.ts";

/** Why it cannot be used here, or undefined when it can. */
export function wasmRefusal(
  find: (name: string) => string = createRequire(import.meta.url).resolve,
): string | undefined {
  try {
    find("onnxruntime-web");
    return undefined;
  } catch {
    return "the package onnxruntime-web is not installed, which a portable bundle leaves out";
  }
}

export const wasmProvider = ({ threads }: ProviderOptions): Provider => ({
  name: "wasm",
  flavour: "portable",
  fp16: false,
  async createSession({ model, external }): Promise<Session> {
    const { env, InferenceSession } = await import("onnxruntime-web");
    if (threads > 0) env.wasm.numThreads = threads;
    const options: Session.SessionOptions = {
      executionProviders: ["wasm"],
      graphOptimizationLevel: "all",
      enableMemPattern: false,
      logSeverityLevel: 4,
      externalData: external.map(({ name, data }) => ({ path: name, data })),
    };
    return typeof model === "string"
      ? InferenceSession.create(model, options)
      : InferenceSession.create(model, options);
  },
});
