/** Shapes of operators that work value by value, with or without broadcasting. */
import { type DataType, dataTypes } from "../../ir.ts";
import type { Facts, InferRule } from "../facts.ts";
import { broadcast } from "../size.ts";

/** Same shape and type as the first input. */
export const like: InferRule = ({ x: [a] }) => [a ? shapeOf(a) : {}];

export const shapeOf = ({ type, dims }: Facts): Partial<Facts> => ({ type, ...(dims && { dims }) });

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

const each = (names: string, rule: InferRule): Record<string, InferRule> =>
  Object.fromEntries(names.split(/\s+/).map((name) => [name, rule]));

const typeOf = (code: unknown): DataType | undefined =>
  (Object.keys(dataTypes) as DataType[]).find((type) => dataTypes[type] === code);

export const elementwise: Record<string, InferRule> = {
  ...each(
    `Abs Acos Acosh Asin Asinh Atan Atanh Celu Ceil Clip Cos Cosh CumSum Elu Erf Exp Floor Gelu HardSigmoid HardSwish
    Hardmax Identity LRN LeakyRelu Log LogSoftmax LpNormalization MeanVarianceNormalization Mish Neg Reciprocal Relu
    Round Selu Shrink Sigmoid Sign Sin Sinh Softmax Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu Trilu
    ScatterElements ScatterND Scatter BitwiseNot RandomNormalLike RandomUniformLike Bernoulli EyeLike`,
    like,
  ),
  ...each("Add Sub Mul Div Pow PRelu Max Min Mean Sum Mod BitwiseAnd BitwiseOr BitwiseXor BitShift", broadcasting),
  ...each("Equal Greater GreaterOrEqual Less LessOrEqual And Or Xor", comparison),
  ...each("Not IsNaN IsInf", likeAs("bool")),
  Where: ({ x }) => {
    const type = (x[1] ?? x[2])?.type;
    return [{ ...(type && { type }), ...broadcastAll(x) }];
  },
  Cast: ({ x: [a], attrs }) => {
    const type = typeOf(attrs.to);
    return [{ ...(type && { type }), ...(a?.dims && { dims: a.dims }) }];
  },
  CastLike: ({ x: [a, b] }) => [{ ...(b && { type: b.type }), ...(a?.dims && { dims: a.dims }) }],
  Dropout: ({ x: [a] }) => [a ? shapeOf(a) : {}, { type: "bool", ...(a?.dims && { dims: a.dims }) }],
};
