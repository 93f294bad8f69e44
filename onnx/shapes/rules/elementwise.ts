/** Shapes of operators that work value by value, with or without broadcasting. */
import type { DataType } from "../../ir.ts";
import { type Operator, operatorNames } from "../../operators.ts";
import type { Facts, InferRule, InferRules } from "../facts.ts";
import { broadcast } from "../size.ts";

/** Same shape and type as the first input. */
export const like: InferRule = ({ x: [a] }) => [a ? shapeOf(a) : {}];

export const shapeOf = ({ type, dims }: Facts): Partial<Facts> => ({ type, ...(dims && { dims }) });

/** The shape of the first input, in its type or the one that an attribute says. */
const likeInType: InferRule<{ readonly dtype?: DataType | undefined }> = ({ x: [a], attrs: { dtype } }) => [
  { ...(a && shapeOf(a)), ...(dtype && { type: dtype }) },
];

const likeAs =
  (type: DataType): InferRule =>
  ({ x: [a] }) => [{ type, ...(a?.dims && { dims: a.dims }) }];

function broadcastAll(x: readonly (Facts | undefined)[]): Partial<Facts> {
  const dims = x.map((facts) => facts?.dims);
  return dims.every((d) => d !== undefined) ? { dims: broadcast(...dims) } : {};
}

const broadcasting: InferRule = ({ x }) => {
  const type = x.find((facts) => facts)?.type;
  return [{ ...(type && { type }), ...broadcastAll(x) }];
};

const comparison: InferRule = ({ x }) => [{ type: "bool", ...broadcastAll(x) }];

const each = <O extends Operator>(operators: readonly O[], rule: InferRule): Record<O, InferRule> =>
  Object.fromEntries(operators.map((op) => [op, rule])) as Record<O, InferRule>;

export const elementwise = {
  ...each(
    operatorNames("Abs Acos Acosh Asin Asinh Atan Atanh Celu Ceil Clip Cos Cosh CumSum Elu Erf Exp Floor Gelu"),
    like,
  ),
  ...each(operatorNames("HardSigmoid HardSwish Hardmax Identity LRN LeakyRelu Log LogSoftmax LpNormalization"), like),
  ...each(
    operatorNames("MeanVarianceNormalization Mish Neg Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin Sinh"),
    like,
  ),
  ...each(
    operatorNames("Softmax Softplus Softsign Sqrt StopGradient Swish Tan Tanh ThresholdedRelu Trilu BitwiseNot"),
    like,
  ),
  ...each(operatorNames("BiasGelu FastGelu GroupNorm QuickGelu"), like),
  ...each(operatorNames("ScatterElements ScatterND Scatter"), like),
  ...each(operatorNames("RandomNormalLike RandomUniformLike Bernoulli EyeLike"), likeInType),
  ...each(operatorNames("Add Sub Mul Div Pow PRelu Max Min Mean Sum Mod"), broadcasting),
  ...each(operatorNames("BitwiseAnd BitwiseOr BitwiseXor BitShift"), broadcasting),
  ...each(operatorNames("Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor"), comparison),
  ...each(operatorNames("Not IsNaN IsInf"), likeAs("bool")),
  Where: ({ x }) => {
    const type = (x[1] ?? x[2])?.type;
    return [{ ...(type && { type }), ...broadcastAll(x) }];
  },
  Cast: ({ x: [a], attrs: { to } }) => [{ ...(to && { type: to }), ...(a?.dims && { dims: a.dims }) }],
  QuantizeLinear: ({ x: [a, , zero], attrs: { output_dtype: type = zero?.type ?? "uint8" } }) => [
    { type, ...(a?.dims && { dims: a.dims }) },
  ],
  DequantizeLinear: ({ x: [a, scale], attrs: { output_dtype: type = scale?.type } }) => [
    { ...(type && { type }), ...(a?.dims && { dims: a.dims }) },
  ],
  DynamicQuantizeLinear: ({ x: [a] }) => [
    { type: "uint8", ...(a?.dims && { dims: a.dims }) },
    { type: "float32", dims: [] },
    { type: "uint8", dims: [] },
  ],
  CastLike: ({ x: [a, b] }) => [{ ...(b && { type: b.type }), ...(a?.dims && { dims: a.dims }) }],
  Dropout: ({ x: [a] }) => [a ? shapeOf(a) : {}, { type: "bool", ...(a?.dims && { dims: a.dims }) }],
} satisfies InferRules;

const broadcasts: readonly InferRule[] = [broadcasting, comparison, elementwise.Where];

/** Whether its inputs are broadcast to one shape. */
export const isBroadcast = (op: string): boolean =>
  Object.hasOwn(elementwise, op) && broadcasts.includes(elementwise[op as keyof typeof elementwise] as InferRule);
