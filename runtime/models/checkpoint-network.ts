/** `.pt` checkpoints of guided-diffusion: recognised by shapes and flags, built as ONNX graphs. */
import { type AdmNetwork, buildAdm, parseCard, parseModelFlags, readCheckpoint, recognise } from "../../onnx/index.ts";
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
  const card = await source.card();
  const state = await readCheckpoint(source);
  const network = recognise(state, role, given, {
    card: card === undefined ? undefined : parseCard(card),
    defaults,
    name: file,
  });
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
    facts: { ...network.facts, content: keyOf(sha256, network.role, network.flags) },
    roles: rolesOf(network),
    about: {
      file,
      sha256,
      architecture: network.architecture,
      ...(network.preset && { presets: network.preset }),
      flags: network.flags,
      parameters: values,
    },
    bytes: bytesOfEntry * (state.size + 1),
    isCurrent: () => hasHash(source, sha256),
    build: (options) => buildAdm(state, network, options),
  };
}

/** The inputs and outputs that `buildAdm` gives every network of its kind. */
function rolesOf({ role, structure, facts: { channels, size, lowRes } }: AdmNetwork): Roles {
  const outDims = role === "classifier" ? ["N", structure.outChannels] : ["N", structure.outChannels, size, size];
  return {
    x: { name: "x", type: "float32", dims: ["N", channels, size, size] },
    t: { name: "t", type: "float32", dims: ["N"] },
    ...(structure.classes !== undefined && { y: { name: "y", type: "int64", dims: ["N"] } }),
    ...(structure.architecture === "SuperResModel" && {
      lowRes: { name: "low_res", type: "float32", dims: ["N", channels, lowRes ?? "h", lowRes ?? "w"] },
    }),
    out: { name: role === "classifier" ? "logits" : "out", type: "float32", dims: outDims },
  };
}
