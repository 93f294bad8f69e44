/**
 * Which of an ONNX model's inputs and outputs is what. x is the rank-4 float input, t the rank-1 one (int64 or float,
 * possibly absent), the classifier's logits the named or only rank-2 output, the UNet's output its only rank-4 one.
 * Names given by the user win; what stays ambiguous is refused with the list.
 */
import type { DataType, OnnxGraph, Role, ValueInfo } from "../../onnx/index.ts";

export interface Roles {
  readonly x: ValueInfo;
  readonly t?: ValueInfo;
  readonly y?: ValueInfo;
  readonly lowRes?: ValueInfo;
  readonly condition?: ValueInfo;
  /** `out` of a UNet, `logits` of a classifier. */
  readonly out: ValueInfo;
}

/** Names typed by the user, by role. */
export type RoleNames = Readonly<Partial<Record<"x" | "t" | "y" | "low_res" | "condition" | "out" | "logits", string>>>;

/** Throws a SyntaxError that lists the candidates and the flag that decides. */
export function rolesOf(graph: OnnxGraph, role: Role, given: RoleNames): Roles {
  const inputs = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const input = (names: readonly (string | undefined)[], fits: (info: ValueInfo) => boolean, flag: string) =>
    pick(inputs, names, fits, flag, "input");
  const x = input([given.x, "x"], ({ type, dims }) => isFloat(type) && rank(dims) === 4, "x");
  if (!x) throw new SyntaxError(`it has no rank-4 float input to take the picture from (inputs: ${list(inputs)})`);
  const rest = inputs.filter(({ name }) => name !== x.name);
  const y = role === "unet" ? pick(rest, [given.y, "y"], () => false, "y", "input") : undefined;
  const lowRes = role === "unet" ? pick(rest, [given.low_res, "low_res"], () => false, "low_res", "input") : undefined;
  const condition =
    role === "unet" ? pick(rest, [given.condition, "condition"], () => false, "condition", "input") : undefined;
  const others = rest.filter(({ name }) => ![y, lowRes, condition].some((taken) => taken?.name === name));
  const t = pick(
    others,
    [given.t, "t"],
    ({ type, dims }) => (isFloat(type) || type === "int64") && rank(dims) === 1,
    "t",
    "input",
  );
  const unfed = others.filter(({ name }) => name !== t?.name);
  if (unfed.length > 0)
    throw new SyntaxError(
      `nothing feeds its input ${list(unfed)}: name the roles with --x, --t${role === "unet" ? ", --y, --low_res, --condition" : ""}`,
    );
  const [flag, outRank] = role === "unet" ? (["out", 4] as const) : (["logits", 2] as const);
  const floats = graph.outputs.filter(({ type }) => isFloat(type));
  const out = pick(floats, [given[flag], flag], ({ dims }) => rank(dims) === outRank, flag, "output");
  if (!out) throw new SyntaxError(`it has no rank-${outRank} float output (outputs: ${list(graph.outputs)})`);
  return { x, out, ...(t && { t }), ...(y && { y }), ...(lowRes && { lowRes }), ...(condition && { condition }) };
}

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
