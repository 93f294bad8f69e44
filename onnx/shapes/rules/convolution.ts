/** Shapes of convolutions, pools, resizing and recurrent layers: N×C×spatial dimensions. */
import type { Dim } from "../../ir.ts";
import type { AttributesOf } from "../../operators.ts";
import type { InferContext, InferRule, InferRules } from "../facts.ts";
import { add, floorDiv, mul, named, sub } from "../size.ts";
import { integers, normalAxis } from "./shape.ts";

/** Window of a convolution or pool over `rank` spatial axes, defaults filled in. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before and after each axis; those of auto_pad are left to the rules. */
  readonly pads: readonly number[];
  readonly autoPad: string;
}

/** What Conv, ConvTranspose and the pools say of their windows. */
export type WindowAttributes = AttributesOf<"Conv" | "ConvTranspose" | "AveragePool" | "MaxPool" | "LpPool">;

export function windowOf(attrs: Partial<WindowAttributes>, kernel: readonly number[]): Window {
  const { strides, dilations, pads, auto_pad: autoPad = "NOTSET" } = attrs;
  const ones = kernel.map(() => 1);
  return {
    kernel,
    strides: strides ?? ones,
    dilations: dilations ?? ones,
    pads: autoPad === "NOTSET" && pads ? pads : [...kernel, ...kernel].map(() => 0),
    autoPad,
  };
}

/** Output length along one axis of a window that slides over `dim`; `ceil`: a last one may hang over the end. */
function slid(dim: Dim, { kernel, strides, dilations, pads, autoPad }: Window, i: number, ceil = false): Dim {
  const [stride, rank] = [strides[i], kernel.length];
  if (autoPad.startsWith("SAME")) return floorDiv(add(dim, stride - 1), stride);
  const room = sub(add(dim, pads[i] + pads[i + rank]), dilations[i] * (kernel[i] - 1) + 1);
  const length = add(floorDiv(ceil ? add(room, stride - 1) : room, stride), 1);
  // A ceiled last window must begin inside the input or its left padding.
  if (ceil && typeof length === "number" && typeof dim === "number" && (length - 1) * stride >= dim + pads[i])
    return length - 1;
  return length;
}

/** The same of a pool. In onnxruntime one window is there even where less than a stride is missing to fill it. */
function pooled(dim: Dim, window: Window, i: number, ceil: boolean): Dim {
  const length = slid(dim, window, i, ceil);
  const { kernel, strides, dilations, pads } = window;
  const missing = dilations[i] * (kernel[i] - 1) + 1 - Number(dim) - pads[i] - pads[i + kernel.length];
  return length === 0 && missing < strides[i] ? 1 : length;
}

const spatial = (dims: readonly Dim[]): readonly Dim[] => dims.slice(2);

const pool: InferRule<AttributesOf<"AveragePool" | "MaxPool" | "LpPool">> = ({ x: [a], attrs }) => {
  if (!a?.dims) return [a ? { type: a.type } : {}, { type: "int64" }];
  const window = windowOf(attrs, attrs.kernel_shape!);
  const dims = [
    ...a.dims.slice(0, 2),
    ...spatial(a.dims).map((dim, i) => pooled(dim, window, i, attrs.ceil_mode === 1)),
  ];
  return [
    { type: a.type, dims },
    { type: "int64", dims },
  ];
};

const globalPool: InferRule = ({ x: [a] }) => [
  { ...(a && { type: a.type }), ...(a?.dims && { dims: a.dims.map((dim, i) => (i < 2 ? dim : 1)) }) },
];

const conv: InferRule<AttributesOf<"Conv">> = ({ x: [a, w], attrs }) => {
  const kernel = attrs.kernel_shape ?? w?.dims?.slice(2);
  if (!a?.dims || !w?.dims || !kernel?.every((k) => typeof k === "number")) return [a ? { type: a.type } : {}];
  const window = windowOf(attrs, kernel as number[]);
  return [{ type: a.type, dims: [a.dims[0], w.dims[0], ...spatial(a.dims).map((dim, i) => slid(dim, window, i))] }];
};

const convTranspose: InferRule<AttributesOf<"ConvTranspose">> = ({ x: [a, w], attrs }) => {
  const kernel = attrs.kernel_shape ?? w?.dims?.slice(2);
  if (!a?.dims || !w?.dims || !kernel?.every((k) => typeof k === "number")) return [a ? { type: a.type } : {}];
  const { strides, dilations, pads, autoPad } = windowOf(attrs, kernel as number[]);
  const extra = attrs.output_padding ?? kernel.map(() => 0);
  const given = attrs.output_shape;
  const sizes = spatial(a.dims).map((dim, i) => {
    if (given) return given[i];
    if (autoPad.startsWith("SAME")) return mul(dim, strides[i]);
    const reach = dilations[i] * (Number(kernel[i]) - 1) + 1 + extra[i] - pads[i] - pads[i + kernel.length];
    return add(mul(sub(dim, 1), strides[i]), reach);
  });
  return [{ type: a.type, dims: [a.dims[0], mul(w.dims[1], attrs.group ?? 1), ...sizes] }];
};

function resized(context: InferContext<AttributesOf<"Resize">>): readonly Dim[] | undefined {
  const dims = context.x[0]?.dims;
  if (!dims) return undefined;
  const axes = (context.attrs.axes ?? dims.map((_, i) => i)).map((a) => normalAxis(a, dims.length));
  const sizes = context.node.inputs[3] ? context.x[3]?.values : undefined;
  const scales = context.node.inputs[2] ? integers(context, 2) : undefined;
  const result = [...dims];
  axes.forEach((axis, i) => {
    const dim = dims[axis];
    const policy = context.attrs.keep_aspect_ratio_policy ?? "stretch";
    if (sizes && policy === "stretch") result[axis] = sizes[i];
    else if (scales && scales[i] === 1) result[axis] = dim;
    else if (scales && typeof dim === "number") result[axis] = Math.floor(Math.fround(dim * scales[i]));
    else if (scales && Number.isInteger(scales[i])) result[axis] = mul(dim, scales[i]);
    else result[axis] = named(`${context.node.outputs[0]} ${axis}`);
  });
  return result;
}

/** Outputs Y (all steps), Y_h and, for LSTM, Y_c. */
const recurrent: InferRule<AttributesOf<"LSTM" | "GRU" | "RNN">> = ({ x: [a, w], attrs }) => {
  const directions = w?.dims?.[0];
  if (!a?.dims || directions === undefined) return [];
  const hidden = Number(attrs.hidden_size);
  const batchFirst = attrs.layout === 1;
  const [steps, batch] = batchFirst ? [a.dims[1], a.dims[0]] : a.dims;
  const state = { type: a.type, dims: batchFirst ? [batch, directions, hidden] : [directions, batch, hidden] };
  const all = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
  return [{ type: a.type, dims: all }, state, state];
};

export const convolutions = {
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool,
  AveragePool: pool,
  LpPool: pool,
  GlobalAveragePool: globalPool,
  GlobalMaxPool: globalPool,
  GlobalLpPool: globalPool,
  Resize: (context) => {
    const dims = resized(context);
    return [{ ...(context.x[0] && { type: context.x[0].type }), ...(dims && { dims }) }];
  },
  LSTM: recurrent,
  GRU: recurrent,
  RNN: recurrent,
} satisfies InferRules;
