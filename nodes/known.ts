/** What is known of files before anything runs: how a graph names them, and what may be asked of them. */
import type { Use } from "../onnx/adm/role.ts";
import type { NetworkFacts } from "./handles.ts";
import type { Size } from "./size.ts";

/** What `infer` may ask besides the facts on its wires. */
export interface Known {
  /**
   * Where the loop around hands the input what this node gave in the step before, and nothing in the first: how many steps it
   * takes. Undefined where it begins with a value, is of another loop or of another node, or the steps are not known.
   */
  stepsFromNothing(input: string): number | undefined;
  /** This node's parameter; undefined when a wire supplies it. */
  parameter(name: string): unknown;
  /** What is known of a model file read with these flags. Throws a GraphError when it is missing, differs from the SHA-256 or does not fit. */
  network(role: Use, file: ModelFile): NetworkFacts;
  /**
   * What is known of a listed picture (or NPZ), `labels` only where the file has some. Throws a GraphError when it is
   * missing.
   */
  image(id: string): Size & { readonly content: string; readonly labels?: { readonly max: number } };
  /** What is known of an array of a listed NPY or NPZ ("" for the only one). Throws a GraphError when it is missing. */
  tensor(id: string, array: string): ArrayFacts;
}

export interface ArrayFacts {
  readonly content: string;
  /** As NumPy calls it: "float32". */
  readonly type: string;
  /** As they lie in the file. */
  readonly dims: readonly number[];
}

/** A model as a graph names it: the id of a listed file, never a path. */
export interface ModelFile {
  readonly file: string;
  /** Expected SHA-256 of the file in hex, or "" when any will do. */
  readonly sha256: string;
  /** Reference flags, typed as on its command line: `--num_channels 64 --num_heads 4`. "" when card, preset or shapes tell. */
  readonly flags: string;
}
