/**
 * Which of an ONNX model's inputs and outputs is what. x is the rank-4 input (floats or bytes), t the one that holds a
 * number a sample (possibly absent), the classifier's logits the named or only output that could be, the UNet's output its
 * only rank-4 one; of any other network all float outputs may be asked for. Names given by the user win; what stays
 * ambiguous is refused with the list.
 */
import { type DataType, isTimeShape, type OnnxGraph, type Use, type ValueInfo } from "../../onnx/index.ts";
import type { RoleNames } from "./role-names.ts";

export interface Roles {
  readonly x: ValueInfo;
  readonly t?: ValueInfo;
  readonly y?: ValueInfo;
  readonly lowRes?: ValueInfo;
  readonly condition?: ValueInfo;
  /** A second tensor that a network takes. */
  readonly other?: ValueInfo;
  /** `out` of a UNet, `logits` of a classifier, the first of any other network's. */
  readonly out: ValueInfo;
  /** Everything that can be asked for. */
  readonly outs: readonly ValueInfo[];
}

/** Throws a SyntaxError that lists the candidates and the flag that decides. */
export function rolesOf(graph: OnnxGraph, use: Use, given: RoleNames): Roles {
  if (use === "network") return rolesOfAny(graph, given);
  const role = use;
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const input = (names: readonly (string | undefined)[], fits: (info: ValueInfo) => boolean, flag: string) =>
    pick(inputs, names, fits, flag, "input");
  const x = input([given.x, "x"], (value) => isPicture(value), "x");
  if (!x) throw new SyntaxError(`it has no rank-4 float input to take the picture from (inputs: ${list(inputs)})`);
  const rest = inputs.filter(({ name }) => name !== x.name);
  const y = role === "unet" ? pick(rest, [given.y, "y"], () => false, "y", "input") : undefined;
  const lowRes = role === "unet" ? pick(rest, [given.low_res, "low_res"], () => false, "low_res", "input") : undefined;
  const condition =
    role === "unet" ? pick(rest, [given.condition, "condition"], () => false, "condition", "input") : undefined;
  const others = rest.filter(({ name }) => ![y, lowRes, condition].some((taken) => taken?.name === name));
  const t = pick(others, [given.t, "t"], isTime, "t", "input");
  const unfed = others.filter(({ name }) => name !== t?.name);
  if (unfed.length > 0)
    throw new SyntaxError(
      `nothing feeds its input ${list(unfed)}: name the roles with --x, --t${role === "unet" ? ", --y, --low_res, --condition" : ""}`,
    );
  const out = answerOf(graph, role, given);
  return {
    x,
    out,
    outs: [out],
    ...(t && { t }),
    ...(y && { y }),
    ...(lowRes && { lowRes }),
    ...(condition && { condition }),
  };
}

/** Logits are N×K before anything else, else N×K×1×1, else one number a sample. */
const logitForms: readonly ((dims: ValueInfo["dims"]) => boolean)[] = [
  (dims) => rank(dims) === 2,
  (dims) => rank(dims) === 4 && dims!.slice(2).every((dim) => dim === 1),
  (dims) => rank(dims) === 1,
];

function answerOf(graph: OnnxGraph, role: "unet" | "classifier", given: RoleNames): ValueInfo {
  const [flag, what, forms] =
    role === "unet"
      ? (["out", "rank-4", [(dims: ValueInfo["dims"]) => rank(dims) === 4]] as const)
      : (["logits", "rank-2", logitForms] as const);
  const floats = graph.outputs.filter(({ type }) => isFloat(type));
  for (const form of forms) {
    const out = pick(floats, [given[flag], flag], ({ dims }) => form(dims), flag, "output");
    if (out) return out;
  }
  throw new SyntaxError(`it has no ${what} float output (outputs: ${list(graph.outputs)})`);
}

/** x is the first tensor, t a number a sample beside it, and at most one tensor more. */
function rolesOfAny(graph: OnnxGraph, given: RoleNames): Roles {
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const usual = inputs.find(({ name }) => /^(t|timesteps?|time|sigma|noise_level)$/i.test(name) && name !== given.x);
  const isX = (value: ValueInfo): boolean => value !== usual && !isFlatTime(value) && isTensor(value);
  const x =
    given.x === undefined
      ? (inputs.find(isX) ?? inputs.find(isTensor))
      : pick(inputs, [given.x, ""], isX, "x", "input");
  if (!x) throw new SyntaxError(`it has no input of floats to take a tensor (inputs: ${list(inputs)})`);
  const rest = inputs.filter(({ name }) => name !== x.name);
  const t =
    given.t === undefined
      ? (rest.find((value) => value === usual) ?? rest.find(isFlatTime))
      : pick(rest, [given.t, ""], isTime, "t", "input");
  const others = rest.filter(({ name }) => name !== t?.name);
  const [other, ...unfed] = others;
  if (unfed.length > 0 || (other && !isTensor(other)))
    throw new SyntaxError(
      `nothing feeds its input ${list(unfed.length > 0 ? unfed : others)}: a network takes x, t and one tensor more`,
    );
  const outs = graph.outputs.filter(({ type }) => isFloat(type));
  if (outs.length === 0)
    throw new SyntaxError(
      `it gives no floats (outputs: ${list(graph.outputs)}): export what it computes them from, such as logits`,
    );
  const out = given.out === undefined ? outs[0] : pick(outs, [given.out, ""], () => false, "out", "output")!;
  return { x, out, outs, ...(t && { t }), ...(other && { other }) };
}

const isPicture = ({ type, dims }: ValueInfo): boolean => (isFloat(type) || type === "uint8") && rank(dims) === 4;
const isTensor = ({ type, dims }: ValueInfo): boolean => isFloat(type) || (type === "uint8" && rank(dims) === 4);
const isTime = ({ type, dims }: ValueInfo): boolean =>
  (isFloat(type) || type === "int64" || type === "int32") && isTimeShape(dims);
/** A timestep by its shape alone: whole numbers, or one number. */
const isFlatTime = (value: ValueInfo): boolean => isTime(value) && (rank(value.dims)! <= 1 || !isFloat(value.type));

/** The value of the first name that is given and there, else the only one that fits. */
function pick(
  values: readonly ValueInfo[],
  [given, usual]: readonly (string | undefined)[],
  fits: (info: ValueInfo) => boolean,
  flag: string,
  kind: string,
): ValueInfo | undefined {
  if (given !== undefined) {
    const named = values.find(({ name }) => name === given);
    if (!named) throw new SyntaxError(`it has no ${kind} "${given}" (--${flag}); there are ${list(values)}`);
    return named;
  }
  const byName = values.find(({ name }) => name === usual);
  if (byName) return byName;
  const fitting = values.filter(fits);
  if (fitting.length > 1)
    throw new SyntaxError(`several ${kind}s could be ${flag} (${list(fitting)}): name one with --${flag}`);
  return fitting[0];
}

const isFloat = (type: DataType): boolean => type === "float32" || type === "float16" || type === "float64";
const rank = (dims: ValueInfo["dims"]): number | undefined => dims?.length;
const list = (values: readonly ValueInfo[]): string =>
  values.map(({ name, type, dims }) => `"${name}" ${type} ${dims?.join("×") ?? "of unknown rank"}`).join(", ") ||
  "none";
