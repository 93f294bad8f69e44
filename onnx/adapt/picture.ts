/** In front of a network that takes pictures: from N×C×H×W in −1 … 1 to its size, values, layout and type. */
import type { DataType, Dim, OnnxModel, OnnxNode, ValueInfo } from "../ir.ts";
import type { GraphBuilder, Value } from "../rewrite/builder.ts";
import { isFloat } from "../rewrite/float-types.ts";
import { numbersOf } from "../shapes/facts.ts";
import { constantOf } from "../shapes/infer.ts";
import type { Fit } from "./choices.ts";

export interface PictureFit {
  /** As the sampler hands it: N×C×H×W. */
  readonly dims: readonly Dim[] | undefined;
  readonly isNhwc: boolean;
  /** Undefined where there is nothing to do. */
  readonly adapt: ((op: GraphBuilder, x: Value) => Value) | undefined;
  readonly said: readonly string[];
}

type Values = Exclude<Fit["values"], "auto">;

/** Means and deviations of pictures in 0 … 1: torchvision's for ImageNet, and those of Radford et al. 2021 (arXiv:2103.00020). */
const statistics = {
  ImageNet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  CLIP: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
} as const;

/** What is known of the network beside its picture. */
export interface Beside {
  readonly model: OnnxModel;
  /** Of noisy pictures: it takes a timestep. */
  readonly isTimed: boolean;
  readonly classes: number | undefined;
  readonly outputs: readonly string[];
}

/** Throws a SyntaxError for a choice that the file contradicts. */
export function fitPicture({ name, type, dims }: ValueInfo, fit: Fit, beside: Beside): PictureFit {
  const said: string[] = [];
  if (dims?.length !== 4) return { dims, isNhwc: false, adapt: castInFront(type, name), said };
  const isNhwc = fit.layout === "auto" ? looksNhwc(dims) : fit.layout === "NHWC";
  if (isNhwc) said.push("N×H×W×C");
  const [n, channels, ...sides] = isNhwc ? [dims[0], dims[3], dims[1], dims[2]] : dims;
  const target = targetOf(sides, fit, beside);
  if (target) said.push(`resized to ${target[0]}×${target[1]}${fit.resize === "auto" ? " where it is not" : ""}`);
  const { values, why } = valuesOf({ name, type, channels }, fit, beside);
  if (values !== "[-1, 1]" || why) said.push(`values ${values}${why ? ` (${why})` : ""}`);
  if (type === "uint8") wantNoArithmetic(name, beside.model);
  if (type !== "float32") said.push(`takes ${type}`);
  const change = scaling(values, channels);
  const isAsItIs = !isNhwc && !target && !change && type === "float32";
  return {
    dims: [n, channels, ...(target ? ["height", "width"] : sides)],
    isNhwc,
    adapt: isAsItIs
      ? undefined
      : (op, x) => {
          const sized = target
            ? op.Resize(x, null, null, op.int64(target), {
                axes: [2, 3],
                mode: "linear",
                coordinate_transformation_mode: "half_pixel",
              })
            : x;
          const scaled = change ? change(op, sized) : sized;
          const turned = isNhwc ? op.Transpose(scaled, { perm: [0, 2, 3, 1] }) : scaled;
          return castTo(op, turned, type);
        },
    said,
  };
}

/** Whether an input of whole numbers, or of floats in another precision, is what a cast of float32 makes. */
const castInFront = (type: DataType, name: string): PictureFit["adapt"] => {
  if (type === "float32") return undefined;
  if (!isFloat(type)) throw new SyntaxError(`its "${name}" is ${type} of a rank that is no picture's`);
  return (op, x) => castTo(op, x, type);
};

/** Pictures of whole numbers stay floats: rounding would let no gradient through. */
const castTo = (op: GraphBuilder, x: Value, type: DataType): Value =>
  type === "float32" || !isFloat(type) ? x : op.Cast(x, { to: type });

const isChannels = (dim: Dim): boolean => dim === 1 || dim === 3 || dim === 4;
const looksNhwc = ([, first, second, last]: readonly Dim[]): boolean =>
  isChannels(last) && last !== second && (first === second || !isChannels(first));

/** Height and width that pictures are resized to. Noise that is resized is no longer the noise that a timed network knows. */
function targetOf(sides: readonly Dim[], { resize }: Fit, { isTimed }: Beside): readonly number[] | undefined {
  const isFixed = sides.every((side) => typeof side === "number");
  if (resize === "none" || (resize === "auto" && (isTimed || !isFixed))) return undefined;
  if (resize === "auto") return sides as number[];
  if (isFixed && sides.some((side) => side !== resize))
    throw new SyntaxError(`it takes pictures of ${sides.join("×")} alone: resize "auto" brings them to that size`);
  return [resize, resize];
}

interface Found {
  readonly values: Values;
  readonly why?: string;
}

function valuesOf(
  { name, type, channels }: { readonly name: string; readonly type: DataType; readonly channels: Dim },
  fit: Fit,
  { model, isTimed, classes, outputs }: Beside,
): Found {
  if (fit.values !== "auto") return { values: fit.values };
  if (type === "uint8") return { values: "[0, 255]", why: "it takes bytes" };
  const own = ownScaling(model, name);
  if (own) return own;
  if (isTimed || channels !== 3) return { values: "[-1, 1]" };
  if (outputs.some((output) => /image_embed/.test(output))) return { values: "CLIP", why: "it gives image embeddings" };
  if (classes === 1000) return { values: "ImageNet", why: "it knows 1000 classes" };
  return { values: "[-1, 1]", why: "the file does not tell" };
}

/** What the first arithmetic with a picture's values tells of them: networks often bring their own mean and deviation. */
function ownScaling({ graph: { nodes, initializers } }: OnnxModel, x: string): Found | undefined {
  const constants = new Map(initializers);
  for (const node of nodes)
    if (node.op === "Constant" && node.attributes.value_string === undefined)
      constants.set(node.outputs[0], constantOf(node));
  const passing = new Set(["Identity", "Cast", "Transpose", "Resize"]);
  let value = x;
  for (const { op, inputs, outputs } of nodes) {
    if (!inputs.includes(value)) continue;
    if (passing.has(op)) {
      value = outputs[0];
      continue;
    }
    const other = constants.get(inputs.find((input) => input !== value) ?? "");
    const numbers = other && numbersOf(other);
    if (!numbers?.length || numbers.length > 4 || inputs[0] !== value) return undefined;
    const near = (target: number): boolean => numbers.every((number) => Math.abs(number / target - 1) < 0.01);
    const between = (low: number, high: number): boolean => numbers.every((number) => number > low && number < high);
    const shown = numbers.map((number) => Number(number.toPrecision(3))).join(", ");
    if ((op === "Div" && (near(255) || near(127.5))) || (op === "Mul" && (near(1 / 255) || near(1 / 127.5))))
      return { values: "[0, 255]", why: `it scales by ${shown} itself` };
    if (op === "Sub" && between(90, 140)) return { values: "[0, 255]", why: `it subtracts ${shown} itself` };
    if (op === "Sub" && between(0.35, 0.55)) return { values: "[0, 1]", why: `it subtracts ${shown} itself` };
    return undefined;
  }
  return undefined;
}

/** From −1 … 1: v ↦ a·v + b for each channel; undefined where that is v. */
function scaling(values: Values, channels: Dim): ((op: GraphBuilder, v: Value) => Value) | undefined {
  if (values === "[-1, 1]") return undefined;
  if (values === "[0, 1]") return (op, v) => op.Add(op.Mul(v, 0.5), 0.5);
  if (values === "[0, 255]") return (op, v) => op.Add(op.Mul(v, 127.5), 127.5);
  if (typeof channels === "number" && channels !== 3)
    throw new SyntaxError(`it takes ${channels} channels, and ${values} values are those of three`);
  const { mean, std } = statistics[values];
  const perChannel = (op: GraphBuilder, numbers: readonly number[]): Value => op.float(numbers, [3, 1, 1]);
  // ((v + 1)/2 − mean) / std
  return (op, v) =>
    op.Add(
      op.Mul(
        v,
        perChannel(
          op,
          std.map((s) => 0.5 / s),
        ),
      ),
      perChannel(
        op,
        mean.map((m, i) => (0.5 - m) / std[i]),
      ),
    );
}

/** Operators that do not mind whether bytes or floats pass through them. */
const indifferent = new Set("Identity Transpose Reshape Squeeze Unsqueeze Flatten Slice Gather Expand".split(" "));

/** Floats take the place of bytes up to the cast that makes floats of them. */
function wantNoArithmetic(x: string, { graph }: OnnxModel): void {
  const bytes = new Set([x]);
  const refuse = ({ op, name }: OnnxNode): never => {
    throw new SyntaxError(`its input "${x}" is uint8, and ${op} "${name}" computes with bytes: export it with float32`);
  };
  for (const node of graph.nodes) {
    if (!node.inputs.some((input) => bytes.has(input)) || node.op === "Cast") continue;
    if (!indifferent.has(node.op)) refuse(node);
    for (const output of node.outputs) bytes.add(output);
  }
}
