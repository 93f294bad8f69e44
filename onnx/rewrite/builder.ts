/**
 * Builds a graph by calling operators: `op.Mul(dy, op.Sub(1, y))` adds two nodes and returns the name of the result.
 * Operators and attributes are those of the table of operators, plain numbers become float32 scalars, equal small constants are stored once. Names follow the scope, so that an error
 * of a runtime points at the layer it comes from.
 */
import {
  type Attributes,
  type DataType,
  type Dim,
  int64,
  type OnnxGraph,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type ValueInfo,
} from "../ir.ts";
import { type AttributesOf, domainOf, isOperator, type Operator } from "../operators.ts";

export type Value = string;
/** `null` leaves an optional input out. */
export type Input = Value | number | null | undefined;

/** Inputs, then attributes: `op.Conv(x, w, { pads: [1, 1, 1, 1] })`. */
type Operators = {
  readonly [name in Operator]: (...args: readonly (Input | AttributesOf<name>)[]) => Value;
};

export type GraphBuilder = Builder & Operators;

/** Adds operators to a graph; `prefix` keeps its names apart from those of a graph it extends. */
export function graphBuilder(prefix = ""): GraphBuilder {
  const builder = new Builder(prefix);
  return new Proxy(builder, {
    get(target, name) {
      if (typeof name !== "string" || !isOperator(name)) {
        const member: unknown = Reflect.get(target, name);
        return typeof member === "function" ? member.bind(target) : member;
      }
      return (...args: (Input | Attributes)[]) => {
        const last = args.at(-1);
        const attributes = typeof last === "object" && last !== null ? last : {};
        const inputs = args.filter((arg) => typeof arg !== "object" || arg === null) as Input[];
        return target.node(name, inputs, attributes, 1, domainOf(name))[0];
      };
    },
  }) as GraphBuilder;
}

class Builder {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, OnnxTensor>();
  readonly inputs: ValueInfo[] = [];
  readonly outputs: ValueInfo[] = [];
  readonly #prefix: string;
  readonly #constants = new Map<string, Value>();
  #scope: string[] = [];
  #count = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** Declares a graph input; without dims, one of any rank. */
  input(name: string, type: DataType, dims?: readonly Dim[]): Value {
    this.inputs.push(dims ? { name, type, dims } : { name, type });
    return name;
  }

  /** Declares a graph output under its own name, which an Identity gives to the value. */
  output(name: string, value: Value, type: DataType, dims?: readonly Dim[]): void {
    this.nodes.push(identity(this.#fresh("Identity"), value, name));
    this.outputs.push(dims ? { name, type, dims } : { name, type });
  }

  /** Names of the nodes built inside begin with `scope`. */
  within<T>(scope: string, build: () => T): T {
    this.#scope.push(scope);
    try {
      return build();
    } finally {
      this.#scope.pop();
    }
  }

  /** In which names begin now. */
  get scope(): string {
    return this.#scope.join("/");
  }

  /** An operator with several outputs. */
  add<O extends Operator>(op: O, inputs: readonly Input[], attributes: AttributesOf<O>, outputs: number): Value[] {
    return this.node(op, inputs, attributes, outputs, domainOf(op));
  }

  /** A node of any operator, known here or not. */
  node(op: string, inputs: readonly Input[], attributes: Attributes, outputs: number, domain = ""): Value[] {
    const name = this.#fresh(op);
    const names = Array.from({ length: outputs }, (_, i) => (outputs === 1 ? name : `${name}:${i}`));
    const values = inputs.map((input) => (typeof input === "number" ? this.float(input) : (input ?? "")));
    while (values.at(-1) === "") values.pop();
    this.nodes.push(nodeOf(op, values, names, attributes, domain, name));
    return names;
  }

  /** A weight under its own name. */
  weight(name: string, tensor: OnnxTensor): Value {
    this.initializers.set(name, tensor);
    return name;
  }

  /** A float32 constant: a scalar (0-d) from a number, else of shape `dims` (default 1-d). */
  float(values: number | readonly number[], dims?: readonly number[]): Value {
    const list = typeof values === "number" ? [values] : values;
    return this.#constant(
      "float32",
      Float32Array.from(list),
      dims ?? (typeof values === "number" ? [] : [list.length]),
    );
  }

  /** A 1-d float32 constant of one value, `count` times. */
  filled(count: number, value: number): Value {
    return this.#constant("float32", new Float32Array(count).fill(value), [count]);
  }

  /** An int64 constant: a scalar (0-d) from a number, 1-d from a list; axes, shapes and indices are such. */
  int64(values: number | readonly number[]): Value {
    const list = typeof values === "number" ? [values] : values;
    return this.#constant("int64", BigInt64Array.from(list, int64), typeof values === "number" ? [] : [list.length]);
  }

  /** A bool constant. */
  bool(value: boolean): Value {
    return this.#constant("bool", Uint8Array.of(value ? 1 : 0), []);
  }

  graph(name: string): OnnxGraph {
    return { name, nodes: this.nodes, inputs: this.inputs, outputs: this.outputs, initializers: this.initializers };
  }

  model(name: string, opset = 18, metadata: Readonly<Record<string, string>> = {}): OnnxModel {
    const domains = new Set(this.nodes.map((node) => node.domain));
    const opsets = new Map([["", opset]]);
    for (const domain of domains) if (domain !== "") opsets.set(domain, 1);
    return { graph: this.graph(name), opsets, metadata: new Map(Object.entries(metadata)) };
  }

  #constant(type: DataType, values: Float32Array | BigInt64Array | Uint8Array, dims: readonly number[]): Value {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const key = contentOf(type, values, dims);
    const known = key === undefined ? undefined : this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `${this.#prefix}const.${this.#constants.size}${key === undefined ? `.${this.#count++}` : ""}`;
    this.initializers.set(name, { type, dims, data });
    if (key !== undefined) this.#constants.set(key, name);
    return name;
  }

  #fresh(op: string): string {
    return `${this.#prefix}${[...this.#scope, `${op}.${this.#count++}`].join("/")}`;
  }
}

/** What constants that are stored once have in common; undefined for those that are not compared. */
function contentOf(
  type: DataType,
  values: Float32Array | BigInt64Array | Uint8Array,
  dims: readonly number[],
): string | undefined {
  const shown = (v: number | bigint) => (Object.is(v, -0) ? "-0" : v);
  if (values.length <= 64) return `${type}|${dims}|${[...values].map(shown)}`;
  return values.every((value) => Object.is(value, values[0])) ? `${type}|${dims}|all ${shown(values[0])}` : undefined;
}

function nodeOf(
  op: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Attributes,
  domain: string,
  name: string,
): OnnxNode {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return { op, domain, name, inputs, outputs, attributes: Object.fromEntries(given), floats: new Set() };
}

/** A node that gives a value another name. */
export const identity = (name: string, from: Value, to: Value): OnnxNode =>
  nodeOf("Identity", [from], [to], {}, "", name);
