/** What a gradient costs: the cond_fn of the 10 M classifier over its own forward pass, batch 4. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import {
  buildAdm,
  condFnModel,
  lower,
  type OnnxModel,
  readCheckpoint,
  recognise,
  writeModel,
} from "../../onnx/index.ts";
import { fileSource } from "../support/files.ts";
import { checkpointOf, classifier10M, parametersOf } from "./models.ts";
import { interleaved } from "./statistics.ts";

const [batch, size, rounds] = [4, 64, 11];

export async function gradient(): Promise<void> {
  const state = await readCheckpoint(fileSource(checkpointOf(classifier10M)));
  const forward = buildAdm(state, recognise(state, "classifier", classifier10M.flags));
  const backward = condFnModel(forward, { x: "x", t: "t", logits: "logits" });
  const million = (parametersOf(classifier10M) / 1e6).toFixed(1);
  console.log(`\nGradient: cond_fn over the forward pass, ${million} M classifier, 64×64, batch ${batch}, medians`);
  for (const [threads, goal] of [
    [1, 2.4],
    [2, 2.2],
  ]) {
    const sessions = await Promise.all([forward, backward].map((model) => session(lower(model, "cpu"), threads)));
    const [bare, guided] = await interleaved(
      rounds,
      sessions.map((run) => async () => {
        const begun = performance.now();
        await run.run(feeds(run));
        return performance.now() - begun;
      }),
    );
    const times = `${guided.toFixed(0)} ms / ${bare.toFixed(0)} ms`;
    console.log(`  ${threads} thread(s)  ${(guided / bare).toFixed(3)}  (≤ ${goal})  ${times}`);
    await Promise.all(sessions.map((run) => run.release()));
  }
}

const session = async (model: OnnxModel, threads: number): Promise<InferenceSession> =>
  InferenceSession.create(await writeModel(model), {
    intraOpNumThreads: threads,
    enableMemPattern: false,
    logSeverityLevel: 3,
  });

function feeds({ inputNames }: InferenceSession): Record<string, Tensor> {
  const x = Float32Array.from({ length: batch * 3 * size * size }, (_, i) => Math.sin(i * 0.37));
  const all: Record<string, Tensor> = {
    x: new Tensor("float32", x, [batch, 3, size, size]),
    t: new Tensor(
      "float32",
      Float32Array.from({ length: batch }, () => 500),
      [batch],
    ),
    labels: new Tensor(
      "int64",
      BigInt64Array.from({ length: batch }, (_, i) => BigInt(i)),
      [batch],
    ),
    scale: new Tensor("float32", Float32Array.of(1), []),
  };
  return Object.fromEntries(inputNames.map((name) => [name, all[name]]));
}
