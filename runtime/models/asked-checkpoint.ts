/** What a person is asked of a checkpoint that nobody has described yet: by its shapes, and by the flags that are known. No weights are read. */
import {
  type AskedFlag,
  type AskedNetwork,
  askedOf,
  chooseWeights,
  describeWeights,
  type ModelFlags,
  readCheckpoint,
} from "../../onnx/index.ts";
import type { ModelSource } from "./host.ts";
import { isOnnx } from "./read-network.ts";

export interface AskedCheckpoint extends AskedNetwork {
  readonly asks: readonly AskedFlag[];
  /** What was chosen in the file, and is left over, a sentence each. */
  readonly notes: readonly string[];
}

/** Undefined for an ONNX file, which is asked nothing. Throws a CheckpointError for what is no network, or not the one that the flags say. */
export async function askedCheckpoint(
  source: ModelSource,
  file: string,
  given: ModelFlags,
): Promise<AskedCheckpoint | undefined> {
  if (await isOnnx(source, file)) return undefined;
  const tensors = await readCheckpoint(source);
  const wanted = given.weights ?? given.classifier_weights;
  const chosen = chooseWeights(tensors, undefined, wanted);
  const asked = askedOf(chosen.state, given, file);
  const flag = asked.role === "classifier" ? "classifier_weights" : "weights";
  const sets = [chosen.name, ...chosen.others].filter((name) => name !== "");
  const choice: AskedFlag = {
    flag,
    value: wanted ?? chosen.name,
    from: wanted === undefined ? "default" : "given",
    choices: [...new Set(wanted === undefined ? sets : [wanted, ...sets])],
  };
  return {
    ...asked,
    asks: [...asked.asks, ...(chosen.others.length > 0 ? [choice] : [])],
    notes: [...describeWeights(chosen), ...(asked.network?.notes ?? [])],
  };
}
