/**
 * Why onnxruntime will load no session of a file, as far as the file tells: what it does not know, and what is not there. What
 * each operator takes, and which of them a provider computes in which types, it alone knows. By onnxruntime 1.30; the tests hold
 * it against the one that is installed.
 */
import type { OnnxGraph, OnnxModel, OnnxNode } from "./ir.ts";
import { innerGraphs } from "./rewrite/captures.ts";

/** The newest format of a file that it reads, and the newest opsets that it knows, by domain. */
const newestIr = 13;
const newestOpsets: Readonly<Record<string, number>> = { "": 26, "ai.onnx.ml": 5, "com.microsoft": 1 };
/** Domains in which it has operators of its own, of which no list is kept here. */
const ownDomain =
  /^(ai\.onnx\.(ml|training|preview\.training)|com\.microsoft(\.nchwc|\.dml)?|com\.ms\.internal\.nhwc)$/;

/** Operators of ai.onnx by the opset with which they came; what came by opset 7 with that. */
export const came: readonly (readonly [number, string])[] = [
  [
    7,
    `Abs Acos Add And ArgMax ArgMin Asin Atan AveragePool BatchNormalization Cast Ceil Clip Concat Constant Conv ConvTranspose Cos
    DepthToSpace Div Dropout Elu Equal Exp Flatten Floor GRU Gather Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater
    HardSigmoid Hardmax Identity If InstanceNormalization LRN LSTM LayerNormalization LeakyRelu Less Log LogSoftmax Loop
    LpNormalization LpPool MatMul Max MaxPool MaxRoiPool Mean MeanVarianceNormalization Min Mul Multinomial Neg Not Or PRelu Pad
    Pow RNN RandomNormal RandomNormalLike RandomUniform RandomUniformLike Reciprocal ReduceL1 ReduceL2 ReduceLogSum
    ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Selu Shape Sigmoid
    SimplifiedLayerNormalization Sin Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tan Tanh
    ThresholdedRelu Tile TopK Transpose Unsqueeze Upsample Xor`,
  ],
  [8, "Expand Scan"],
  [
    9,
    `Acosh Asinh Atanh Compress ConstantOfShape Cosh Erf EyeLike IsNaN MaxUnpool NonZero OneHot Scatter Shrink Sign Sinh
    TfIdfVectorizer Where`,
  ],
  [
    10,
    `ConvInteger DequantizeLinear IsInf MatMulInteger Mod NonMaxSuppression QLinearConv QLinearMatMul QuantizeLinear Resize
    ReverseSequence RoiAlign StringNormalizer`,
  ],
  [
    11,
    `BitShift ConcatFromSequence CumSum Det DynamicQuantizeLinear GatherElements GatherND Range Round ScatterElements ScatterND
    SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SplitToSequence Unique`,
  ],
  [12, "Celu Einsum GreaterOrEqual LessOrEqual NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss"],
  [14, "HardSwish Trilu"],
  [15, "Bernoulli CastLike Optional OptionalGetElement OptionalHasElement"],
  [16, "GridSample"],
  [17, "BlackmanWindow DFT HammingWindow HannWindow MelWeightMatrix STFT SequenceMap"],
  [18, "BitwiseAnd BitwiseNot BitwiseOr BitwiseXor CenterCropPad Col2Im GroupNormalization Mish"],
  [19, "DeformConv"],
  [20, "AffineGrid Gelu ImageDecoder RegexFullMatch StringConcat StringSplit"],
  [23, "Attention RMSNormalization RotaryEmbedding"],
  [24, "Swish TensorScatter"],
  [26, "BitCast CumProd"],
];
const first: ReadonlyMap<string, number> = new Map(
  came.flatMap(([opset, names]) => names.split(/\s+/).map((name) => [name, opset] as const)),
);
/** With this opset they were withdrawn. */
const went: ReadonlyMap<string, number> = new Map([
  ["Upsample", 10],
  ["Scatter", 11],
]);
/** Before opset 10 it has some that were never of the standard. */
const leastOpset = 10;

/** More of one kind are counted. */
const mostKinds = 4;

/** A sentence each, in words for a person, the most important first; empty where nothing is wrong. */
export function unrunnable({ graph, opsets, irVersion = 0 }: OnnxModel): readonly string[] {
  const newer = [...opsets].filter(([domain, opset]) => opset > (newestOpsets[domain] ?? Number.POSITIVE_INFINITY));
  const files = [
    ...(irVersion > newestIr
      ? [
          `it is of ONNX IR version ${irVersion}, the newest that onnxruntime reads is ${newestIr}: save it with an older onnx`,
        ]
      : []),
    ...newer.map(
      ([domain, opset]) =>
        `it is of opset ${opset}${domain && ` of ${domain}`}, the newest that onnxruntime knows is ${newestOpsets[domain]}: export it with that or an older one`,
    ),
  ];
  const kinds = new Map<string, { readonly said: Amiss["said"]; readonly names: string[] }>();
  for (const [{ kind, said }, { name }] of amissIn(graph, opsets.get("") ?? Number.POSITIVE_INFINITY, new Set())) {
    const known = kinds.get(kind);
    if (known) known.names.push(name);
    else kinds.set(kind, { said, names: [name] });
  }
  const nodes = [...kinds.values()].map(({ said, names: [name, ...others] }) =>
    said(`node "${name}"${others.length === 0 ? "" : ` and ${others.length} more`}`),
  );
  const left = nodes.length - mostKinds;
  return [
    ...files,
    ...nodes.slice(0, mostKinds),
    ...(left > 0 ? [`and ${left} more of the kind`] : []),
    ...missingOutputs(graph).map((name) => `nothing in it makes its output "${name}"`),
  ];
}

/** What is wrong with a node: those of one kind are told in one sentence, which is given where they are. */
interface Amiss {
  readonly kind: string;
  readonly said: (where: string) => string;
}

/** What is wrong with each node, those of inner graphs too. `around`: values of the graphs outside. */
function* amissIn(graph: OnnxGraph, opset: number, around: ReadonlySet<string>): Generator<readonly [Amiss, OnnxNode]> {
  const known = new Set([...around, ...valuesOf(graph)]);
  for (const node of graph.nodes) {
    const why = operatorAmiss(node, opset);
    if (why !== undefined) yield [why, node];
    const missing = node.inputs.find((name) => name !== "" && !known.has(name));
    if (missing !== undefined)
      yield [
        { kind: `value ${missing}`, said: (where) => `nothing in it makes "${missing}", which ${where} takes` },
        node,
      ];
    for (const inner of innerGraphs(node)) yield* amissIn(inner, opset, known);
  }
}

function operatorAmiss({ op, domain }: OnnxNode, opset: number): Amiss | undefined {
  const amiss = (said: Amiss["said"]): Amiss => ({ kind: `operator ${domain}:${op}`, said });
  if (domain !== "")
    return ownDomain.test(domain)
      ? undefined
      : amiss((where) => `onnxruntime has no operators of "${domain}": ${op} in ${where}`);
  const since = first.get(op);
  if (since === undefined)
    return opset < leastOpset
      ? undefined
      : amiss((where) => `onnxruntime has no operator ${op} (opset ${opset}): ${where}`);
  if (since > opset)
    return amiss((where) => `${op} came with opset ${since}, and the file is of opset ${opset}: ${where}`);
  const until = went.get(op);
  return until !== undefined && until <= opset
    ? amiss((where) => `${op} was withdrawn with opset ${until}, and the file is of opset ${opset}: ${where}`)
    : undefined;
}

const valuesOf = ({ inputs, initializers, nodes }: OnnxGraph): readonly string[] => [
  ...inputs.map(({ name }) => name),
  ...initializers.keys(),
  ...nodes.flatMap(({ outputs }) => outputs),
];

function missingOutputs(graph: OnnxGraph): readonly string[] {
  const known = new Set(valuesOf(graph));
  return graph.outputs.map(({ name }) => name).filter((name) => !known.has(name));
}
