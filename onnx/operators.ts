/**
 * The operators, each with its attributes and their types, as the ONNX specification has them from opset 18 on. Said here
 * alone: from this table come the types of `op.Conv(…)`, of every table of rules, and which attributes are floats.
 */
import type { DataType, OnnxGraph, OnnxNode, OnnxTensor } from "./ir.ts";

/** Values of an attribute by its kind. A dtype is a whole number in a file and a name everywhere else. */
interface Kinds {
  readonly int: number;
  readonly float: number;
  readonly string: string;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly strings: readonly string[];
  readonly tensor: OnnxTensor;
  readonly graph: OnnxGraph;
  readonly dtype: DataType;
}

type Declared = Readonly<Record<string, Readonly<Record<string, keyof Kinds>>>>;

const reduction = { keepdims: "int", noop_with_empty_axes: "int" } as const;
const indexReduction = { axis: "int", keepdims: "int", select_last_index: "int" } as const;
const window = { auto_pad: "string", dilations: "ints", kernel_shape: "ints", pads: "ints", strides: "ints" } as const;
const convolution = { ...window, group: "int" } as const;
const averaging = { ...window, ceil_mode: "int" } as const;
const random = { dtype: "dtype", seed: "float" } as const;
const normal = { ...random, mean: "float", scale: "float" } as const;
const uniform = { ...random, low: "float", high: "float" } as const;
const recurrent = {
  activation_alpha: "floats",
  activation_beta: "floats",
  activations: "strings",
  clip: "float",
  direction: "string",
  hidden_size: "int",
  layout: "int",
} as const;

/** ai.onnx */
const standard = {
  // Value by value, with broadcasting or without.
  Abs: {},
  Acos: {},
  Acosh: {},
  Add: {},
  And: {},
  Asin: {},
  Asinh: {},
  Atan: {},
  Atanh: {},
  BitShift: { direction: "string" },
  BitwiseAnd: {},
  BitwiseNot: {},
  BitwiseOr: {},
  BitwiseXor: {},
  Cast: { to: "dtype", saturate: "int" },
  CastLike: { saturate: "int" },
  Ceil: {},
  Celu: { alpha: "float" },
  Clip: {},
  Cos: {},
  Cosh: {},
  Div: {},
  Dropout: { seed: "int" },
  Elu: { alpha: "float" },
  Equal: {},
  Erf: {},
  Exp: {},
  Floor: {},
  Gelu: { approximate: "string" },
  Greater: {},
  GreaterOrEqual: {},
  HardSigmoid: { alpha: "float", beta: "float" },
  HardSwish: {},
  Identity: {},
  IsInf: { detect_negative: "int", detect_positive: "int" },
  IsNaN: {},
  LeakyRelu: { alpha: "float" },
  Less: {},
  LessOrEqual: {},
  Log: {},
  Max: {},
  Mean: {},
  Min: {},
  Mish: {},
  Mod: { fmod: "int" },
  Mul: {},
  Neg: {},
  Not: {},
  Or: {},
  PRelu: {},
  Pow: {},
  Reciprocal: {},
  Relu: {},
  Round: {},
  Selu: { alpha: "float", gamma: "float" },
  Shrink: { bias: "float", lambd: "float" },
  Sigmoid: {},
  Sign: {},
  Sin: {},
  Sinh: {},
  Softplus: {},
  Softsign: {},
  Sqrt: {},
  Sub: {},
  Sum: {},
  Swish: { alpha: "float" },
  Tan: {},
  Tanh: {},
  ThresholdedRelu: { alpha: "float" },
  Where: {},
  Xor: {},

  // Along axes.
  ArgMax: indexReduction,
  ArgMin: indexReduction,
  CumProd: { exclusive: "int", reverse: "int" },
  CumSum: { exclusive: "int", reverse: "int" },
  DFT: { axis: "int", inverse: "int", onesided: "int" },
  Hardmax: { axis: "int" },
  LogSoftmax: { axis: "int" },
  LpNormalization: { axis: "int", p: "int" },
  ReduceL1: reduction,
  ReduceL2: reduction,
  ReduceLogSum: reduction,
  ReduceLogSumExp: reduction,
  ReduceMax: reduction,
  ReduceMean: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceSum: reduction,
  ReduceSumSquare: reduction,
  Softmax: { axis: "int" },
  TopK: { axis: "int", largest: "int", sorted: "int" },

  // Products, losses and normalisations.
  Attention: {
    is_causal: "int",
    kv_num_heads: "int",
    q_num_heads: "int",
    qk_matmul_output_mode: "int",
    scale: "float",
    softcap: "float",
    softmax_precision: "dtype",
  },
  BatchNormalization: { epsilon: "float", momentum: "float", training_mode: "int" },
  Det: {},
  Einsum: { equation: "string" },
  Gemm: { alpha: "float", beta: "float", transA: "int", transB: "int" },
  GroupNormalization: { epsilon: "float", num_groups: "int", stash_type: "dtype" },
  InstanceNormalization: { epsilon: "float" },
  LRN: { alpha: "float", beta: "float", bias: "float", size: "int" },
  LayerNormalization: { axis: "int", epsilon: "float", stash_type: "dtype" },
  MatMul: {},
  MeanVarianceNormalization: { axes: "ints" },
  NegativeLogLikelihoodLoss: { ignore_index: "int", reduction: "string" },
  RotaryEmbedding: { interleaved: "int", num_heads: "int", rotary_embedding_dim: "int" },
  RMSNormalization: { axis: "int", epsilon: "float", stash_type: "dtype" },
  SoftmaxCrossEntropyLoss: { ignore_index: "int", reduction: "string" },

  // Between floats and the whole numbers of quantised networks.
  DequantizeLinear: { axis: "int", block_size: "int", output_dtype: "dtype" },
  DynamicQuantizeLinear: {},
  QuantizeLinear: { axis: "int", block_size: "int", output_dtype: "dtype", precision: "dtype", saturate: "int" },

  // Over space.
  AffineGrid: { align_corners: "int" },
  AveragePool: { ...averaging, count_include_pad: "int" },
  CenterCropPad: { axes: "ints" },
  Col2Im: { dilations: "ints", pads: "ints", strides: "ints" },
  Conv: convolution,
  ConvTranspose: { ...convolution, output_padding: "ints", output_shape: "ints" },
  DepthToSpace: { blocksize: "int", mode: "string" },
  GlobalAveragePool: {},
  GlobalLpPool: { p: "int" },
  GlobalMaxPool: {},
  GridSample: { align_corners: "int", mode: "string", padding_mode: "string" },
  LpPool: { ...averaging, p: "int" },
  MaxPool: { ...averaging, storage_order: "int" },
  MaxUnpool: { kernel_shape: "ints", pads: "ints", strides: "ints" },
  NonMaxSuppression: { center_point_box: "int" },
  Resize: {
    antialias: "int",
    axes: "ints",
    coordinate_transformation_mode: "string",
    cubic_coeff_a: "float",
    exclude_outside: "int",
    extrapolation_value: "float",
    keep_aspect_ratio_policy: "string",
    mode: "string",
    nearest_mode: "string",
  },
  RoiAlign: {
    coordinate_transformation_mode: "string",
    mode: "string",
    output_height: "int",
    output_width: "int",
    sampling_ratio: "int",
    spatial_scale: "float",
  },
  DeformConv: {
    dilations: "ints",
    group: "int",
    kernel_shape: "ints",
    offset_group: "int",
    pads: "ints",
    strides: "ints",
  },
  SpaceToDepth: { blocksize: "int" },

  // Over time.
  GRU: { ...recurrent, linear_before_reset: "int" },
  LSTM: { ...recurrent, input_forget: "int" },
  RNN: recurrent,
  ReverseSequence: { batch_axis: "int", time_axis: "int" },
  STFT: { onesided: "int" },

  // What moves, cuts, joins and picks values, and shapes.
  Compress: { axis: "int" },
  Unique: { axis: "int", sorted: "int" },
  Concat: { axis: "int" },
  Expand: {},
  EyeLike: { dtype: "dtype", k: "int" },
  Flatten: { axis: "int" },
  Gather: { axis: "int" },
  GatherElements: { axis: "int" },
  GatherND: { batch_dims: "int" },
  NonZero: {},
  OneHot: { axis: "int" },
  Pad: { mode: "string" },
  Range: {},
  Reshape: { allowzero: "int" },
  ScatterElements: { axis: "int", reduction: "string" },
  ScatterND: { reduction: "string" },
  Shape: { start: "int", end: "int" },
  Size: {},
  Slice: {},
  Split: { axis: "int", num_outputs: "int" },
  Squeeze: {},
  Tile: {},
  Transpose: { perm: "ints" },
  Trilu: { upper: "int" },
  Unsqueeze: {},

  // Constants and random values.
  Bernoulli: random,
  Constant: {
    value: "tensor",
    value_float: "float",
    value_floats: "floats",
    value_int: "int",
    value_ints: "ints",
    value_string: "string",
    value_strings: "strings",
  },
  ConstantOfShape: { value: "tensor" },
  Multinomial: { dtype: "dtype", sample_size: "int", seed: "float" },
  RandomNormal: { ...normal, shape: "ints" },
  RandomNormalLike: normal,
  RandomUniform: { ...uniform, shape: "ints" },
  RandomUniformLike: uniform,

  // Control flow and sequences.
  ConcatFromSequence: { axis: "int", new_axis: "int" },
  If: { else_branch: "graph", then_branch: "graph" },
  Loop: { body: "graph" },
  Scan: {
    body: "graph",
    num_scan_inputs: "int",
    scan_input_axes: "ints",
    scan_input_directions: "ints",
    scan_output_axes: "ints",
    scan_output_directions: "ints",
  },
  SequenceAt: {},
  SequenceConstruct: {},
  SequenceEmpty: { dtype: "dtype" },
  SequenceErase: {},
  SequenceInsert: {},
  SequenceLength: {},
  SplitToSequence: { axis: "int", keepdims: "int" },

  // onnxruntime's own in the domain of ai.onnx.
  SimplifiedLayerNormalization: { axis: "int", epsilon: "float", stash_type: "dtype" },

  // Withdrawn before opset 18: graphs have them until they are upgraded.
  Scatter: { axis: "int" },
  Upsample: { mode: "string", scales: "floats" },
} as const satisfies Declared;

/** com.microsoft: onnxruntime's own. */
const fused = {
  BiasGelu: {},
  CausalConvWithState: {
    activation: "string",
    channels_last: "int",
    dilation: "int",
    ndim: "int",
    state_window: "int",
  },
  FastGelu: {},
  FusedConv: { ...convolution, activation: "string", activation_params: "floats" },
  FusedGemm: {
    activation: "string",
    activation_alpha: "float",
    activation_beta: "float",
    activation_gamma: "float",
    alpha: "float",
    beta: "float",
    transA: "int",
    transB: "int",
  },
  FusedMatMul: { alpha: "float", transA: "int", transB: "int", transBatchA: "int", transBatchB: "int" },
  GroupNorm: { activation: "int", channels_last: "int", epsilon: "float", groups: "int" },
  LinearAttention: {
    chunk_size: "int",
    kv_num_heads: "int",
    q_num_heads: "int",
    scale: "float",
    state_window: "int",
    update_rule: "string",
  },
  MultiHeadAttention: { mask_filter_value: "float", num_heads: "int", scale: "float", unidirectional: "int" },
  QuickGelu: { alpha: "float" },
  SkipLayerNormalization: { epsilon: "float" },
  SkipSimplifiedLayerNormalization: { epsilon: "float" },
} as const satisfies Declared;

/** Our own, of which no runtime knows: gone before a graph is one's (`drawn-alone.ts`). */
const drawnAlone = {
  /** Its input, which has no gradient. */
  StopGradient: {},
} as const satisfies Declared;

/** The domain of our own operators. */
export const ownDomain = "guidegraph";

const operators = { ...standard, ...fused, ...drawnAlone };

export type Operator = keyof typeof operators;

/** The name "" is that of no attribute: a type without any would take whatever it is given. */
export type AttributesOf<O extends Operator> = {
  readonly [name in keyof (typeof operators)[O] | ""]?: KindIn<(typeof operators)[O], name> | undefined;
};

type KindIn<of, name> = name extends keyof of ? (of[name] extends keyof Kinds ? Kinds[of[name]] : never) : never;

export const isOperator = (name: string): name is Operator => Object.hasOwn(operators, name);

export const domainOf = (op: Operator): string => {
  if (Object.hasOwn(drawnAlone, op)) return ownDomain;
  return Object.hasOwn(fused, op) ? "com.microsoft" : "";
};

/** A table's entry for a node. An operator of another domain may bear the same name and be something else. */
export const entryFor = <T extends object>(
  table: T,
  { op, domain }: Pick<OnnxNode, "op" | "domain">,
): T[keyof T] | undefined =>
  isOperator(op) && domain === domainOf(op) && Object.hasOwn(table, op) ? table[op as keyof T] : undefined;

/** Names of operators, written in a row: `operatorNames("Abs Acos Acosh")`. */
export const operatorNames = <text extends string>(
  names: Words<text> extends Operator ? text : never,
): readonly Words<text>[] => names.split(" ") as Words<text>[];

type Words<text extends string, seen = never> = text extends `${infer word} ${infer rest}`
  ? Words<rest, seen | word>
  : seen | text;

const kindOf = (node: Pick<OnnxNode, "op" | "domain">, attribute: string): keyof Kinds | undefined => {
  const declared: Readonly<Record<string, keyof Kinds>> | undefined = entryFor(operators, node);
  return declared && Object.hasOwn(declared, attribute) ? declared[attribute] : undefined;
};

/** Whether an attribute is a float though its value may look like an int: what a plain JavaScript number cannot tell. */
export function isFloatAttribute(node: OnnxNode, name: string): boolean {
  const kind = kindOf(node, name);
  return kind === "float" || kind === "floats" || node.floats.has(name);
}

export const isDtypeAttribute = (node: Pick<OnnxNode, "op" | "domain">, name: string): boolean =>
  kindOf(node, name) === "dtype";
