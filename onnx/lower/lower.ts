/**
 * Rewrites a finished graph, forward or gradient, into the forms that are fast. Gradient rules stay textbook; what is
 * known of a runtime's kernels is known here alone. The figures are of onnxruntime 1.30's CPU provider. A batch of fixed size,
 * with which it could compute more in place and add within a convolution, took as long.
 */
import type { OnnxModel } from "../ir.ts";
import { rewrite } from "../rewrite/rewrite.ts";
import type { Row, Rows } from "../rewrite/row.ts";
import { antialiased } from "./antialias.ts";
import { attentionByColumns, attentionByRows } from "./attention.ts";
import { turnedSlice } from "./computed-slice.ts";
import { flippedConv, repeated, resizedTogether, scaledWeights } from "./convolution.ts";
import { fusedAttention, fusedHalfAttention } from "./fused-attention.ts";
import { joinedScales, plainInstanceNorm, sharedStatistics } from "./normalize.ts";
import { groupNorm, logSoftmax, oneHot, sum } from "./portable.ts";
import { einsumAsMatMul, fusedMatMul } from "./product.ts";
import { shareEqual } from "./share.ts";
import { siluBackward, siluForward } from "./silu.ts";
import {
  repeatedOperand,
  repeatedSubtrahend,
  reshapedTwice,
  sameShape,
  sameType,
  smallFactorsFirst,
  timesOne,
} from "./simplify.ts";
import {
  productOfTransposed,
  productOfTransposedLeft,
  productOfTransposedRight,
  transposedTwice,
} from "./transpose.ts";
import { evenPads, insertedZeros, oneInputAtATime } from "./transposed-conv.ts";
import { groupedVolumes, groupedVolumesTransposed } from "./volumes.ts";
import { cutBefore, listedBias, paddedChannels, repeatedBeforeAnd, repeatedBeforePow } from "./wrong-kernels.ts";

/**
 * "cpu" and "cuda" may use onnxruntime's own operators (com.microsoft), each those that its provider has; "portable" has a kernel
 * for every operator on WebGPU.
 */
export const flavours = ["cpu", "portable", "cuda"] as const;
export type Flavour = (typeof flavours)[number];

/** In order: each table sees what the ones before have made; of a table's rows for an operator, the first that fits. */
const always = [
  { sameType, einsumAsMatMul, sameShape, reshapedTwice },
  { sharedStatistics },
  {
    siluBackward,
    attentionByRows,
    attentionByColumns,
    timesOne,
    repeatedAddend: repeatedOperand("Add"),
    repeatedFactor: repeatedOperand("Mul"),
    repeatedMinuend: repeatedOperand("Sub"),
    repeatedSubtrahend,
  },
  { joinedScales, smallFactorsFirst },
  {
    repeated,
    flippedConv,
    transposedTwice,
    productOfTransposed,
    productOfTransposedLeft,
    productOfTransposedRight,
    resizedTogether,
    dividedWeights: scaledWeights("Div"),
    multipliedWeights: scaledWeights("Mul"),
    sameShape,
    reshapedTwice,
  },
] as const;

const flavoured = {
  cpu: [{ siluForward }, { fusedMatMul }],
  cuda: [{ fusedAttention, fusedHalfAttention, evenPads }, { fusedMatMul }],
  portable: [
    { groupedVolumes, groupedVolumesTransposed },
    { logSoftmax, sum, groupNorm, oneHot, oneInputAtATime, insertedZeros },
    { plainInstanceNorm, paddedChannels, listedBias, repeatedBeforeAnd, repeatedBeforePow, cutBefore },
    { turnedSlice, antialiased },
  ],
} as const;

type Names<table> = table extends Readonly<Record<infer name extends string, Row>> ? name : never;
/** The lowerings by name, for a table of cases that has them all. */
export type Lowering = Names<(typeof always)[number] | (typeof flavoured)[Flavour][number]>;

export const tablesOf = (flavour: Flavour): readonly Rows[] => [...always, ...flavoured[flavour]];

/** The same function in faster operators, by the rows of the tables; inner graphs too. */
export const faster = (model: OnnxModel, tables: readonly Rows[]): OnnxModel =>
  shareEqual(tables.reduce((model, rows) => rewrite(model, rows, { word: "lower", inner: true }), shareEqual(model)));
