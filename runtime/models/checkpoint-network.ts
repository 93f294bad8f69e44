/** Checkpoints of guided-diffusion: recognised by shapes and flags, built as ONNX graphs. */
import { wantSides } from "../../nodes/index.ts";
import {
  type Adapted,
  type AdmNetwork,
  adapt,
  buildAdm,
  CheckpointError,
  chooseWeights,
  describeWeights,
  type Fit,
  graphBuilder,
  headBytes,
  looksLikeCheckpoint,
  othersInCard,
  parseModelFlags,
  readCard,
  readCheckpoint,
  recognise,
  type StateDict,
  sayOther,
} from "../../onnx/index.ts";
import { splitFit } from "./fit-flags.ts";
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
  if (role === "network") throw new SyntaxError(await noNetwork(source));
  const { fit, rest } = splitFit(flags);
  const given = parseModelFlags(rest);
  const text = await source.card();
  const read = text === undefined ? undefined : readCard(text);
  const card = read?.flags;
  const tensors = await readCheckpoint(source);
  const { weights, classifier_weights } = { ...card, ...given };
  const wanted = role === "unet" ? weights : (classifier_weights ?? weights);
  const chosen = atFile(file, () => chooseWeights(tensors, role, wanted));
  const { state } = chosen;
  const network = recognise(state, role, given, { card, defaults, name: file });
  if (network.architecture === "SuperResModel" && network.facts.lowRes === undefined)
    throw new SyntaxError(
      "its shapes do not tell the size of low_res: give --small_size, or put it in a card (.json) beside it",
    );
  const values = [...state.values()].reduce(
    (sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1),
    0,
  );
  const { facts } = network;
  const { fitted, ...form } = formOf(state, network, fit, facts);
  const content = keyOf(sha256, network.role, network.flags, chosen.name, ...(fitted ? [fit] : []));
  const others = new Map<string, Network>();
  const own: Network = {
    label: labelOf(network.role, file),
    role: network.role,
    facts: {
      ...facts,
      // Of what is recognised only an attention pool has a row of weights for each of its positions.
      ...(facts.multiple === undefined && {
        sidesFixed: `the attention pool of ${labelOf(network.role, file)} has weights for each place of ${facts.height}×${facts.width} alone`,
      }),
      ...(chosen.averaged && { weights: "averaged" }),
      ...(fitted?.classes !== undefined && { classes: fitted.classes }),
      ...(fitted?.head && { head: fitted.head }),
      ...(fitted && fitted.said.length > 0 && { fit: fitted.said.join(", ") }),
      content,
    },
    ...form,
    ...(fitted?.head && { head: fitted.head }),
    about: {
      file,
      sha256,
      architecture: network.architecture,
      ...(network.preset && { presets: network.preset }),
      flags: network.flags,
      parameters: values,
      notes: [...describeWeights(chosen), ...network.notes, ...(read ? othersInCard(read) : [])],
    },
    bytes: bytesOfEntry * (tensors.size + 1),
    isCurrent: () => hasHash(source, sha256),
    forSize([, , height, width]) {
      const isOwn = (height === facts.height && width === facts.width) || fitted?.x.dims?.[2] === "height";
      if (facts.multiple === undefined || isOwn) return undefined;
      wantSides(facts, { height, width });
      const key = keyOf(content, height, width);
      const { roles, build } = formOf(state, network, fit, { height, width });
      const other = others.get(key) ?? { ...own, facts: { ...own.facts, content: key }, roles, build };
      others.set(key, other);
      return other;
    },
  };
  return own;
}

/** Why Load Network does not take a file that is no ONNX. */
async function noNetwork(source: ModelSource): Promise<string> {
  const head = await source.read(0, Math.min(headBytes, source.size));
  if (looksLikeCheckpoint(head, source.size))
    return "it is a checkpoint: Load Network takes ONNX files, and convert makes one of it";
  return sayOther(head, "an ONNX file") ?? "it is no ONNX file";
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

/** The network for x of these sides: its ends, and its graph. */
function formOf(state: StateDict, network: AdmNetwork, fit: Fit, { height, width }: Sides) {
  const roles = rolesOf(network, { height, width });
  const fitted = fittedClassifier(network, roles, fit);
  const build: Network["build"] = (options) => {
    const model = buildAdm(state, network, { ...options, height, width });
    return fitted ? fitted.change!(model) : model;
  };
  return {
    fitted,
    roles: { ...roles, ...(fitted && { x: fitted.x, out: fitted.outs[0], outs: fitted.outs }) },
    build,
  };
}

type Sides = Pick<AdmNetwork["facts"], "height" | "width">;

/** A classifier for which there is something to do: one logit, or what was chosen. */
function fittedClassifier({ role }: AdmNetwork, roles: Roles, fit: Fit): Adapted | undefined {
  if (role !== "classifier") return undefined;
  const empty = graphBuilder().model("told by its roles");
  const fitted = adapt(empty, { ...roles, isClassifier: true }, fit);
  return fitted.change ? fitted : undefined;
}

/** The inputs and outputs that `buildAdm` gives every network of its kind. */
function rolesOf({ role, structure, facts }: AdmNetwork, { height, width }: Sides): Roles {
  const { channels, lowRes, condition } = facts;
  const low = (side: number, name: string) => (lowRes === undefined ? name : (side * lowRes) / facts.height);
  const outDims = role === "classifier" ? ["N", structure.outChannels] : ["N", structure.outChannels, height, width];
  const out = { name: role === "classifier" ? "logits" : "out", type: "float32", dims: outDims } as const;
  return {
    x: { name: "x", type: "float32", dims: ["N", channels, height, width] },
    t: { name: "t", type: "float32", dims: ["N"] },
    ...(structure.classes !== undefined && { y: { name: "y", type: "int64", dims: ["N"] } }),
    ...(structure.architecture === "SuperResModel" && {
      lowRes: { name: "low_res", type: "float32", dims: ["N", channels, low(height, "h"), low(width, "w")] },
    }),
    ...(condition !== undefined && {
      condition: { name: "condition", type: "float32", dims: ["N", condition, height, width] },
    }),
    out,
    outs: [out],
  };
}
