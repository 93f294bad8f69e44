/** One way to run a model on each provider that a test can have: plain arrays in, plain arrays out. */
import * as node from "onnxruntime-node";
import * as web from "onnxruntime-web";
import type { DataType } from "../../onnx/index.ts";

export type Provider = "cpu" | "wasm" | "webgpu";

export interface Values {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly values: Float64Array;
}
export type Feeds = Readonly<Record<string, Values>>;

export interface Session {
  run(feeds: Feeds): Promise<Feeds>;
  release(): Promise<void>;
}

/** vitest.config.ts sets it where Chromium's software Vulkan is installed: slow, and the same everywhere. */
export const hasWebGpu = process.env.VK_ICD_FILENAMES !== undefined;

web.env.wasm.numThreads = 1;

/** The first one on WebGPU. Its device lives as long as a session there does, and takes longer to make than a test to run. */
let held: node.InferenceSession | undefined;

/** A session with the optimiser on, as the runtime opens it. */
export async function openSession(model: Uint8Array, provider: Provider): Promise<Session> {
  const { InferenceSession, Tensor } = provider === "wasm" ? web : node;
  const session = await InferenceSession.create(model, {
    executionProviders: [provider],
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
    intraOpNumThreads: 1,
  });
  if (provider === "webgpu") held ??= session;
  return {
    async run(feeds) {
      const named = Object.entries(feeds).filter(([name]) => session.inputNames.includes(name));
      const tensors = named.map(([name, { type, dims, values }]) => [
        name,
        new Tensor(type as "float32", packed(type, values), dims),
      ]);
      const results = await session.run(Object.fromEntries(tensors) as Record<string, never>);
      return Object.fromEntries(
        Object.entries(results).map(([name, { type, dims, data }]) => [
          name,
          { type: type as DataType, dims, values: Float64Array.from(data as Float32Array, Number) },
        ]),
      );
    },
    async release() {
      if (session !== held) await session.release();
    },
  };
}

function packed(type: DataType, values: Float64Array): Float32Array {
  const array = (() => {
    switch (type) {
      case "float32":
        return Float32Array.from(values);
      case "float64":
        return values;
      case "int64":
        return BigInt64Array.from(values, BigInt);
      case "int32":
        return Int32Array.from(values);
      case "bool":
        return Uint8Array.from(values);
      default:
        throw new TypeError(`no test values of type ${type}`);
    }
  })();
  return array as Float32Array;
}
