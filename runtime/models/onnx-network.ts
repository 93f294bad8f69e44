/** `.onnx` files: they run as they are. What their shapes do not tell comes from flags, a card, or what `convert` noted. */
import type { NetworkFacts } from "../../nodes/index.ts";
import { type ModelFlags, type OnnxModel, parseCard, parseModelFlags, type Role, readModel } from "../../onnx/index.ts";
import type { BuiltModel, ModelSource } from "./host.ts";
import { keyOf } from "./key.ts";
import { hasHash, labelOf, type Network, type ReadOptions } from "./network.ts";
import { type RoleNames, type Roles, rolesOf } from "./roles.ts";

/** Protocol Buffers count in 31 bits. */
const maxBytes = 2 ** 31;
/** Of what is remembered of it, beside its content. */
const bytesBeside = 16_384;

/** Throws a SyntaxError that says what is wrong with the file or its flags. */
export async function readOnnxNetwork(
  source: ModelSource,
  { file, sha256, flags, role }: ReadOptions,
): Promise<Network> {
  if (source.size >= maxBytes)
    throw new SyntaxError(
      `it has ${source.size} bytes, and an ONNX file holds less than 2 GiB: export it with its weights beside it (external data)`,
    );
  const bytes = await source.read(0, source.size);
  const weights = await weightFiles(source, bytes);
  const read = (bytes: Uint8Array) =>
    readModel(bytes, { external: (location, offset, length) => lazy(weights, location, offset, length) });
  const model = read(bytes);
  const { names, rest } = splitNames(flags);
  const card = await source.card();
  const known: ModelFlags = {
    // Where `convert` leaves a checkpoint's flags.
    ...parseCard(model.metadata.get("flags") ?? "{}"),
    ...(card !== undefined && parseCard(card)),
    ...parseModelFlags(rest),
  };
  const actualRole = role ?? guessRole(model);
  const roles = rolesOf(model.graph, actualRole, names);
  checkTypes(roles);
  const files = [...weights.values()];
  const hashes = await Promise.all(files.map((weight) => weight.sha256()));
  const content = keyOf(sha256, hashes, names, known);
  return {
    label: labelOf(actualRole, file),
    role: actualRole,
    facts: { ...factsOf(actualRole, roles, known), content },
    roles,
    about: { file, sha256, architecture: "ONNX", flags: known, parameters: parameterCount(model), notes: [] },
    bytes: bytesBeside + (source.path === undefined ? bytes.length : 0),
    isCurrent: async () =>
      (await hasHash(source, sha256)) &&
      (await Promise.all(files.map((file, i) => hasHash(file, hashes[i])))).every(Boolean),
    // Weights inside it are not kept for those who may build of it.
    build: async () => read(await source.read(0, source.size)),
    file: asItIs(source, bytes, weights),
  };
}

type Weights = ReadonlyMap<string, Awaited<ReturnType<ModelSource["beside"]>>>;

/** The files beside it that hold weights, by stored name. */
async function weightFiles(source: ModelSource, bytes: Uint8Array): Promise<Weights> {
  const locations = new Set<string>();
  readModel(bytes, {
    external(location) {
      locations.add(location);
      return new Uint8Array();
    },
  });
  return new Map(await Promise.all([...locations].map(async (name) => [name, await source.beside(name)] as const)));
}

function lazy(weights: Weights, location: string, offset: number, length: number | undefined) {
  const file = weights.get(location);
  if (!file) throw new SyntaxError(`its weights "${location}" are missing`);
  const byteLength = length ?? file.size - offset;
  return { byteLength, read: () => file.read(offset, byteLength) };
}

const asItIs = (source: ModelSource, bytes: Uint8Array, weights: Weights): BuiltModel => ({
  bytes: source.size + [...weights.values()].reduce((sum, { size }) => sum + size, 0),
  model: source.path ?? bytes,
  external: [...weights].flatMap(([name, { path }]) => (path === undefined ? [] : [{ name, data: path }])),
});

/** `--x input --logits probabilities`: names of inputs and outputs; the rest are the reference's flags. */
function splitNames(flags: string): { names: RoleNames; rest: string } {
  const names: Record<string, string> = {};
  const rest = flags.replace(
    /(?:^|\s)--(x|t|y|low_res|condition|out|logits)(?:=|\s+)(?:"([^"]*)"|(\S+))/g,
    (_, name, quoted, plain) => {
      names[name] = quoted ?? plain;
      return " ";
    },
  );
  return { names, rest };
}

/** A classifier has an output of rank 2 and none of rank 4. */
const guessRole = ({ graph }: OnnxModel): Role =>
  graph.outputs.some(({ dims }) => dims?.length === 4) ? "unet" : "classifier";

function checkTypes({ x, t, y, lowRes, condition, out }: Roles): void {
  for (const { name, type } of [x, lowRes, condition, out].filter((value) => value !== undefined))
    if (type !== "float32")
      throw new SyntaxError(`its "${name}" is ${type}: export it with float32 inputs and outputs`);
  if (t && t.type !== "float32" && t.type !== "int64")
    throw new SyntaxError(`its timestep "${t.name}" is ${t.type}, expected float32 or int64`);
  if (y && y.type !== "int64") throw new SyntaxError(`its labels "${y.name}" are ${y.type}, expected int64`);
}

function factsOf(role: Role, { x, out, y, lowRes, condition }: Roles, flags: ModelFlags): NetworkFacts {
  const number = (dim: number | string | undefined) => (typeof dim === "number" ? dim : undefined);
  const size = number(x.dims?.[2]) ?? flags.large_size ?? flags.image_size;
  const channels = number(x.dims?.[1]) ?? flags.in_channels;
  const outChannels = number(out.dims?.[1]) ?? flags.out_channels;
  const process = {
    ...(flags.noise_schedule && { noise_schedule: flags.noise_schedule }),
    ...(flags.diffusion_steps && { diffusion_steps: flags.diffusion_steps }),
    ...(flags.rescale_timesteps !== undefined && { rescale_timesteps: flags.rescale_timesteps }),
  };
  const common = {
    ...(size !== undefined && { size }),
    ...(channels !== undefined && { channels }),
    ...(flags.classes && { classNames: flags.classes }),
    process,
  };
  if (role === "classifier") {
    const classes = number(out.dims?.[1]) ?? flags.num_classes ?? flags.out_channels ?? flags.classes?.length;
    if (classes === undefined)
      throw new SyntaxError(`its logits "${out.name}" do not say how many classes there are: give --num_classes N`);
    return { ...common, classes };
  }
  if (y && flags.num_classes === undefined)
    throw new SyntaxError(`it takes labels ("${y.name}"), of how many classes it does not say: give --num_classes N`);
  const beside = number(condition?.dims?.[1]) ?? flags.condition_channels;
  const lowSize = number(lowRes?.dims?.[2]) ?? flags.small_size;
  return {
    ...common,
    predicts: flags.predict_xstart ? "x0" : "eps",
    learnSigma:
      channels !== undefined && outChannels !== undefined ? outChannels === 2 * channels : (flags.learn_sigma ?? false),
    ...(y && flags.num_classes !== undefined && { classes: flags.num_classes }),
    ...(flags.null_label !== undefined && { nullLabel: flags.null_label }),
    ...(condition && beside !== undefined && { condition: beside }),
    ...(lowRes && lowSize !== undefined && { lowRes: lowSize }),
  };
}

const parameterCount = ({ graph }: OnnxModel): number =>
  [...graph.initializers.values()].reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
