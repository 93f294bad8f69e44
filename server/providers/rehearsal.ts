/**
 * WebGPU on a machine that shows no card, tried in a process whose output nobody sees: there the libraries below it write to the
 * terminal what they miss, each in its own words, and nothing here can keep them from it.
 */
import { execFile } from "node:child_process";
import { createRequire } from "node:module";

/** Compiling a software adapter's first shader takes seconds. */
const patienceMs = 30_000;

/** Whether the runtime runs this model. The answer is the last line: libraries may have written before. */
const script = `
const ort = require(process.argv[1]);
ort.env.logLevel = "fatal";
const model = Buffer.from(process.argv[2], "base64");
const options = { executionProviders: ["webgpu"], logSeverityLevel: 4 };
const x = new ort.Tensor("float32", Float32Array.of(1), [1]);
ort.InferenceSession.create(model, options).then((session) => session.run({ x })).then(
  () => undefined,
  (error) => error.message,
).then((message) => process.stdout.write("\\n" + JSON.stringify({ message }) + "\\n", () => process.exit()));
`;

/** Throws what the runtime throws where it does not run the model, which takes "x", one float. */
export async function rehearsed(model: Uint8Array): Promise<void> {
  const runtime = createRequire(import.meta.url).resolve("onnxruntime-node");
  const args = ["-e", script, runtime, Buffer.from(model).toString("base64")];
  const answer = await new Promise<string>((resolve) => {
    const env = { ...process.env, ORT_DISABLE_TELEMETRY: process.env.ORT_DISABLE_TELEMETRY ?? "1" };
    const options = { env, timeout: patienceMs, killSignal: "SIGKILL" } as const;
    execFile(process.execPath, args, options, (_, out) => resolve(out));
  });
  const last = answer.trim().split("\n").at(-1) ?? "";
  if (!last.startsWith("{")) throw new Error("a process that tries it ends without an answer");
  const { message } = JSON.parse(last) as { readonly message?: string };
  if (message !== undefined) throw new Error(message);
}
