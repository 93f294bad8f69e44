/** onnxruntime-node: the processor, and the graphics cards it was built for. */
import { createRequire } from "node:module";
import type { InferenceSession as Session } from "onnxruntime-common";
import type { Provider } from "../../runtime/index.ts";

/**
 * Loaded when first used: the native library takes a moment, and not every command needs it. From 1.30 on it tells its maker
 * which sessions it makes, and keeps an identifier below the home folder, unless it is told not to before it is loaded;
 * what is drawn here is nobody's business. Who wants it told sets the variable to 0.
 */
function native(): typeof import("onnxruntime-node") {
  process.env.ORT_DISABLE_TELEMETRY ??= "1";
  const runtime: typeof import("onnxruntime-node") = createRequire(import.meta.url)("onnxruntime-node");
  runtime.env.logLevel = "fatal";
  return runtime;
}

/** Of onnxruntime-node: its kernels are another's in the next. */
export const nativeVersion = (): string => native().env.versions.node ?? "unknown";

/**
 * So long a thread of an operator waits awake for the next one; then it sleeps. By the runtime's default it waits longer than most
 * operators take, and several sessions, processes, or a server beside them lose their cores to it (`npm run bench -- spinning`).
 */
const spinMicroseconds = "20";

export interface ProviderOptions {
  /** Threads of an operator; 0 leaves it to the runtime: one a core. */
  readonly threads: number;
  /** Which of several cards; absent: the first. */
  readonly device?: number | undefined;
}

export function nativeProvider(name: "cuda" | "webgpu" | "cpu", { threads, device }: ProviderOptions): Provider {
  return {
    name,
    flavour: name === "webgpu" ? "portable" : name,
    // WebGPU's convolutions took as long in float16 on the card that was measured, and add up in it (docs/devices.md).
    fp16: name === "cuda",
    // A card is waited for once a session; a processor has nothing to wait for.
    joins: name !== "cpu",
    async createSession({ model }): Promise<Session> {
      const options: Session.SessionOptions = {
        executionProviders: [name === "cuda" && device !== undefined ? { name, deviceId: device } : name],
        graphOptimizationLevel: "all",
        // A plan of memory by shape pays for itself only while shapes stay; a gradient graph holds far more of it.
        enableMemPattern: false,
        intraOpNumThreads: threads,
        // What goes wrong is thrown too, and told in words; native code would write it to the terminal as it is.
        logSeverityLevel: 4,
        extra: { session: { "intra_op.spin_duration_us": spinMicroseconds } },
      };
      const { InferenceSession } = native();
      return typeof model === "string"
        ? InferenceSession.create(model, options)
        : InferenceSession.create(model, options);
    },
  };
}
