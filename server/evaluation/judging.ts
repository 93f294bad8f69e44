/** Networks that judge: any ONNX file, and a classifier's checkpoint. Those that take a timestep are asked at t = 0, as of clean pictures. */
import { basename } from "node:path";
import { schedule } from "../../diffusion/index.ts";
import { type Context, flagsIn, GraphError, type NetworkHandle } from "../../nodes/index.ts";
import { cardName } from "../../onnx/index.ts";
import { isOnnx } from "../files/is-onnx.ts";

export type Judging = Pick<NetworkHandle, "facts" | "apply"> & {
  /** It takes a timestep. */
  readonly isAtZero?: true;
};

interface Asked {
  readonly path: string;
  /** How pictures are fitted to an ONNX file. */
  readonly fit: string;
  /** Its answers are wanted as logits. */
  readonly isClassifier: boolean;
}

/** Throws a GraphError in words of a command that has no flags of networks. */
export async function judging(models: Context["models"], { path, fit, isClassifier }: Asked): Promise<Judging> {
  const file = basename(path);
  const atZero = schedule({ noiseSchedule: "linear", timestepRespacing: "", rescaleTimesteps: false }).at(0);
  try {
    if (isClassifier && !isOnnx(file)) {
      const classifier = await models.classifier({ file, sha256: "", flags: "" });
      const facts = { ...classifier.facts, outputs: [{ name: "logits" }] };
      return { facts, apply: (x) => classifier.logits(x, atZero), isAtZero: true };
    }
    const network = await models.network({ file, sha256: "", flags: fit });
    if (!network.facts.timed) return network;
    const apply: Judging["apply"] = (x, output) => network.apply(x, output, undefined, atZero);
    return { facts: network.facts, apply, isAtZero: true };
  } catch (error) {
    throw error instanceof GraphError ? new GraphError(inCard(error.message, file), error.port) : error;
  }
}

/** Flags that evaluate takes itself. */
const own = ["values", "layout", "resize"];

/** What shapes do not tell a card says. */
const inCard = (message: string, file: string): string =>
  flagsIn(message).some(({ flag }) => flag !== undefined && !own.includes(flag))
    ? `${message} (evaluate has no flags of networks: its card is ${cardName(file)}, {"NAME": value})`
    : message;
