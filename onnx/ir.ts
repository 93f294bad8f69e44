/**
 * ONNX graphs as this folder handles them: plain objects between the protobuf codec and everything that reads, makes or
 * rewrites a graph. Values are named by strings, as in ONNX; "" is an absent optional input or output.
 */

/** The data types and the numbers that files write for them. */
export const dataTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  bfloat16: 16,
} as const;

export type DataType = keyof typeof dataTypes;

/** The name of the data type that files write as this number. */
export const dataTypeOf = (code: number): DataType | undefined =>
  (Object.keys(dataTypes) as DataType[]).find((type) => dataTypes[type] === code);

/** A whole number as an int64. Exporters write "to the end" as 2⁶³ − 1, which a double rounds up to 2⁶³. */
export const int64 = (value: number): bigint => BigInt.asIntN(64, value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value));

/** Bytes of one value; strings have none. */
export const bytesPerValue: Readonly<Record<DataType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  int32: 4,
  int64: 8,
  string: 0,
  bool: 1,
  float16: 2,
  float64: 8,
  uint32: 4,
  uint64: 8,
  bfloat16: 2,
};

/** Bytes that are read when they are needed, so that weights pass from file to file without being held. */
export interface LazyBytes {
  readonly byteLength: number;
  read(): Promise<Uint8Array>;
}

/** Little-endian, row-major. */
export type Bytes = Uint8Array | LazyBytes;

export interface OnnxTensor {
  readonly type: DataType;
  readonly dims: readonly number[];
  readonly data: Bytes;
}

/** A dimension is a number, or a name for one that is known only at run time. */
export type Dim = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly type: DataType;
  /** Absent: rank unknown. */
  readonly dims?: readonly Dim[];
  /** Of an inner graph whose file does not say the type: `type` is a guess, and is not written. */
  readonly isUndeclared?: true;
}

export type AttributeValue =
  | number
  | string
  | OnnxTensor
  | OnnxGraph
  | readonly number[]
  | readonly string[]
  | undefined;
export type Attributes = Readonly<Record<string, AttributeValue>>;

export interface OnnxNode {
  readonly op: string;
  /** "" is ai.onnx. */
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Attributes that a file has as floats, for operators that the table of operators does not know. */
  readonly floats: ReadonlySet<string>;
}

export interface OnnxGraph {
  readonly name: string;
  /** In topological order, as ONNX demands. */
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, OnnxTensor>;
}

export interface OnnxModel {
  readonly graph: OnnxGraph;
  /** Opset version by domain; "" is ai.onnx. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Of the file that it was read from; what is written has its own. */
  readonly irVersion?: number;
}

export const isTensor = (value: AttributeValue): value is OnnxTensor =>
  typeof value === "object" && "type" in value && "dims" in value;

export const isGraph = (value: AttributeValue): value is OnnxGraph => typeof value === "object" && "nodes" in value;

export const bytesOf = async (bytes: Bytes): Promise<Uint8Array> =>
  bytes instanceof Uint8Array ? bytes : bytes.read();
