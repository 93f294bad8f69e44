/** `.onnx` files: they run as they are. What their shapes do not tell comes from flags, a card, or what `convert` noted. */
import {
  type Adapted,
  adapt,
  type Dim,
  type Fit,
  inFloat32,
  looksEmbedded,
  type OnnxModel,
  readModel,
  stoppedGradients,
  type Use,
  type ValueInfo,
} from "../../onnx/index.ts";
import { withoutDrawn } from "./drawn-outputs.ts";
import { rolesUnlessExported } from "./exported.ts";
import { splitFit } from "./fit-flags.ts";
import type { BuiltModel, ModelSource } from "./host.ts";
import { keyOf } from "./key.ts";
import { hasHash, labelOf, type Network, type ReadOptions } from "./network.ts";
import { factsOf } from "./onnx-facts.ts";
import { namesInCard, type RoleNames, splitNames } from "./role-names.ts";
import { type Roles, rolesOf } from "./roles.ts";
import { toldOfOnnx } from "./told-of-onnx.ts";

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
    inFloat32(readModel(bytes, { external: (location, offset, length) => lazy(weights, location, offset, length) }));
  const { model, instead } = read(bytes);
  const { fit, rest: others } = splitFit(flags);
  const { names: typed, rest } = splitNames(others);
  const card = await source.card();
  const names = { ...namesInCard(card), ...typed };
  const use = role ?? guessUse(model, names);
  const { roles: found, said: left } = withoutDrawn(
    model,
    rolesUnlessExported(model, use === "network", () => rolesOf(model.graph, use, names)),
    names,
  );
  const { flags: known, notes, said, unrunnable } = toldOfOnnx(model, found.y?.name, card, rest);
  checkTypes(use, found);
  // Who names the output, or its classes, knows what it is.
  const isSure = names.logits !== undefined || known.classes !== undefined;
  const doubts = found.outs.map(({ name, dims }) => (dims?.length === 2 ? looksEmbedded(model, name) : undefined));
  const files = [...weights.values()];
  const hashes = await Promise.all(files.map((weight) => weight.sha256()));
  // The same whether pictures are resized or not.
  let stopped: readonly (string | undefined)[] | undefined;
  const label = labelOf(use, file);
  const fittedTo = (fit: Fit): Network => {
    const fitted = adapt(model, { ...found, isClassifier: use === "classifier" }, fitFor(use, fit));
    const roles = rolesWhenFitted(found, fitted);
    const fits = [...fitted.said, ...instead.map((type) => `${type} in float32`), ...said, ...left];
    stopped ??= stoppedIn(model, fitted);
    return {
      label,
      role: use,
      facts: {
        ...factsOf({ use, roles, flags: known, fitted, stopped, doubts, label }),
        ...(use === "classifier" && doubts[0] !== undefined && !isSure && { doubt: doubts[0] }),
        ...(unrunnable !== undefined && { unrunnable }),
        ...(fits.length > 0 && { fit: fits.join(", ") }),
        content: keyOf(sha256, hashes, names, known, fit),
      },
      roles,
      declared: found.x,
      ...(fitted.head && { head: fitted.head }),
      ...(fitted.batch !== undefined && { batch: fitted.batch }),
      about: { file, sha256, architecture: "ONNX", flags: known, parameters: parameterCount(model), notes },
      bytes: bytesBeside + (source.path === undefined ? bytes.length : 0),
      isCurrent: async () =>
        (await hasHash(source, sha256)) &&
        (await Promise.all(files.map((file, i) => hasHash(file, hashes[i])))).every(Boolean),
      // Weights inside it are not kept for those who may build of it.
      build: async () => {
        const { model } = read(await source.read(0, source.size));
        return fitted.change ? fitted.change(model) : model;
      },
      ...(!fitted.change && instead.length === 0 && { file: asItIs(source, bytes, weights) }),
    };
  };
  const network = fittedTo(fit);
  if (fit.resize !== "auto" || network.roles.x.dims?.[2] !== "height") return network;
  const ownSize = fittedTo({ ...fit, resize: "none" });
  const [, , height, width] = ownSize.roles.x.dims!;
  return { ...network, forSize: (dims) => (dims[2] === height && dims[3] === width ? ownSize : undefined) };
}

function rolesWhenFitted(found: Roles, { x, t, outs }: Adapted): Roles {
  const out = outs[found.outs.findIndex(({ name }) => name === found.out.name)];
  return { ...found, x, ...(t && { t }), outs, out };
}

/** A UNet is asked as the sampler's mathematics wants it. */
const fitFor = (use: Use, fit: Fit): Fit => (use === "unet" ? { ...fit, values: "[-1, 1]", resize: "none" } : fit);

/** Why no gradient leads from an output to the picture; undefined where one does, or where what is wrong is for the runtime to say. */
function stoppedIn(model: OnnxModel, { change, x, outs }: Adapted): readonly (string | undefined)[] {
  const names = outs.map(({ name }) => name);
  try {
    return stoppedGradients(change ? change(model) : model, names, x.name);
  } catch (error) {
    return names.map(() => (error instanceof RangeError ? error.message : undefined));
  }
}

type Weights = ReadonlyMap<string, Awaited<ReturnType<ModelSource["beside"]>>>;

/** The files beside it that hold weights, by stored name. */
async function weightFiles(source: ModelSource, bytes: Uint8Array): Promise<Weights> {
  const names = weightNames(bytes);
  return new Map(await Promise.all(names.map(async (name) => [name, await source.beside(name)] as const)));
}

/** Where an ONNX file says that its weights lie, beside it. Throws a SyntaxError for what is none. */
export function weightNames(bytes: Uint8Array): readonly string[] {
  const locations = new Set<string>();
  readModel(bytes, {
    external(location) {
      locations.add(location);
      return new Uint8Array();
    },
  });
  return [...locations];
}

function lazy(weights: Weights, location: string, offset: number, length: number | undefined) {
  const file = weights.get(location);
  if (!file) throw new SyntaxError(`its weights "${location}" are missing`);
  const byteLength = length ?? file.size - offset;
  if (!(offset >= 0 && byteLength >= 0 && offset + byteLength <= file.size))
    throw new SyntaxError(
      `its weights lie in bytes ${offset} … ${offset + byteLength} of "${location}", which has ${file.size}`,
    );
  return { byteLength, read: () => file.read(offset, byteLength) };
}

const asItIs = (source: ModelSource, bytes: Uint8Array, weights: Weights): BuiltModel => ({
  bytes: source.size + [...weights.values()].reduce((sum, { size }) => sum + size, 0),
  model: source.path ?? bytes,
  external: [...weights].flatMap(([name, { path }]) => (path === undefined ? [] : [{ name, data: path }])),
});

/**
 * What names were typed for, else: a UNet answers with what has the sides of its picture, a classifier with one output of
 * logits. What reads as neither, or as several, is a network.
 */
function guessUse({ graph }: OnnxModel, names: RoleNames): Use {
  if (names.logits !== undefined) return "classifier";
  if (names.out !== undefined) return "unet";
  for (const use of ["unet", "classifier"] as const)
    try {
      const { x, out } = rolesOf(graph, use, names);
      const known = (dim: Dim): boolean => typeof dim === "number";
      if (use === "classifier" || sidesOf(x).filter(known).join("×") === sidesOf(out).filter(known).join("×"))
        return use;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  return "network";
}

const sidesOf = ({ dims }: ValueInfo): readonly Dim[] => dims?.slice(2) ?? [];

function checkTypes(use: Use, { lowRes, condition, y, other }: Roles): void {
  for (const { name, type } of [lowRes, condition, other].filter((value) => value !== undefined))
    if (type !== "float32")
      throw new SyntaxError(`its "${name}" is ${type}: export it with float32 inputs and outputs`);
  if (use === "unet" && y && y.type !== "int64")
    throw new SyntaxError(`its labels "${y.name}" are ${y.type}, expected int64`);
}

const parameterCount = ({ graph }: OnnxModel): number =>
  [...graph.initializers.values()].reduce((sum, { dims }) => sum + dims.reduce((product, dim) => product * dim, 1), 0);
