/** Checkpoints of guided-diffusion: recognised by shapes and flags, built as ONNX graphs. */
import {
  type AdmNetwork,
  buildAdm,
  CheckpointError,
  chooseWeights,
  describeWeights,
  parseCard,
  parseModelFlags,
  readCheckpoint,
  recognise,
} from "../../onnx/index.ts";
import type { ModelSource } from "./host.ts";
import { keyOf } from "./key.ts";
import { hasHash, labelOf, type Network, type ReadOptions } from "./network.ts";
import type { Roles } from "./roles.ts";

/** Name, shape and place of a tensor. */
const bytesOfEntry = 1_024;

/** Reads shapes and flags, no weights. Throws a CheckpointError or SyntaxError that says what is wrong. */
export async function readCheckpointNetwork(
  source: ModelSource,
  { file, sha256, flags, role, defaults }: ReadOptions,
): Promise<Network> {
  const given = parseModelFlags(flags);
  const text = await source.card();
  const card = text === undefined ? {} : parseCard(text);
  const tensors = await readCheckpoint(source);
  const { weights, classifier_weights } = { ...card, ...given };
  const wanted = role === "unet" ? weights : (classifier_weights ?? weights);
  const chosen = atFile(file, () => chooseWeights(tensors, role, wanted));
  const { state } = chosen;
  const network = recognise(state, role, given, { card, defaults, name: file });
  if (network.architecture === "SuperResModel" && network.facts.lowRes === undefined)
    throw new SyntaxError(
      "its shapes do not tell the size of low_res: give --small_size, or put it in a card beside it",
    );
  const values = [...state.values()].reduce(
    (sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1),
    0,
  );
  return {
    label: labelOf(network.role, file),
    role: network.role,
    facts: {
      ...network.facts,
      ...(chosen.averaged && { weights: "averaged" }),
      content: keyOf(sha256, network.role, network.flags, chosen.name),
    },
    roles: rolesOf(network),
    about: {
      file,
      sha256,
      architecture: network.architecture,
      ...(network.preset && { presets: network.preset }),
      flags: network.flags,
      parameters: values,
      notes: [...describeWeights(chosen), ...network.notes],
    },
    bytes: bytesOfEntry * (tensors.size + 1),
    isCurrent: () => hasHash(source, sha256),
    build: (options) => buildAdm(state, network, options),
  };
}

/** What is wrong with the choice of weights is wrong with the file. */
function atFile<T>(file: string, choose: () => T): T {
  try {
    return choose();
  } catch (error) {
    throw error instanceof CheckpointError
      ? new CheckpointError(`Cannot use checkpoint "${file}": ${error.message}`)
      : error;
  }
}

/** The inputs and outputs that `buildAdm` gives every network of its kind. */
function rolesOf({ role, structure, facts: { channels, size, lowRes, condition } }: AdmNetwork): Roles {
  const outDims = role === "classifier" ? ["N", structure.outChannels] : ["N", structure.outChannels, size, size];
  return {
    x: { name: "x", type: "float32", dims: ["N", channels, size, size] },
    t: { name: "t", type: "float32", dims: ["N"] },
    ...(structure.classes !== undefined && { y: { name: "y", type: "int64", dims: ["N"] } }),
    ...(structure.architecture === "SuperResModel" && {
      lowRes: { name: "low_res", type: "float32", dims: ["N", channels, lowRes ?? "h", lowRes ?? "w"] },
    }),
    ...(condition !== undefined && {
      condition: { name: "condition", type: "float32", dims: ["N", condition, size, size] },
    }),
    out: { name: role === "classifier" ? "logits" : "out", type: "float32", dims: outDims },
  };
}
