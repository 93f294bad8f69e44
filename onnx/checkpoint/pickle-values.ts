/** What a pickle may hold here: plain records. Nothing in this folder calls into what a file names. */
import { bytesPerValue, type DataType } from "../ir.ts";

/** A Python tuple; lists are arrays. */
export class Tuple {
  constructor(readonly items: readonly unknown[]) {}
}

/** A Python dict or OrderedDict. The map is made late: every tensor of a checkpoint carries an empty one. */
export class Dict {
  #entries: Map<unknown, unknown> | undefined;

  get entries(): ReadonlyMap<unknown, unknown> {
    this.#entries ??= new Map();
    return this.#entries;
  }

  set(key: unknown, value: unknown): void {
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }
}

/** A global of the table that a pickle may call: a function of ours, from arguments to a record. */
export class Maker {
  constructor(
    readonly name: string,
    readonly make: (args: readonly unknown[]) => unknown,
  ) {}
}

/** A storage class of torch: the type of its values. `undefined`: bytes whose type the tensor tells. */
export class StorageClass {
  constructor(
    readonly type: DataType | undefined,
    readonly foreign?: ForeignType,
  ) {}
}

/** A type that no weight here has (complex, quantised): its tensors are passed over. */
export interface ForeignType {
  readonly name: string;
  /** Bytes a value. */
  readonly width: number;
}

/** A torch.dtype. */
export class Dtype {
  constructor(readonly type: DataType) {}
}

/**
 * What a global outside the table stands for, and what a call of it, or an object of it, becomes: its name and what the
 * file hung on it. It is a dict as well, for classes that extend one. Nothing was imported or called to make it.
 */
export class Opaque extends Dict {
  /** What was appended, or added to a set. */
  readonly items: unknown[] = [];
  /** What BUILD gave it: its attributes, mostly. */
  state: unknown;

  constructor(
    readonly name: string,
    readonly args: readonly unknown[] = [],
  ) {
    super();
  }
}

/** A tensor of a type that is not read, or laid out in another way than by strides. `name`: the type. */
export class ForeignTensor extends Opaque {}

/** A run of values in the file, which several tensors may share. */
export interface StorageRef {
  readonly key: string;
  /** `undefined`: counted in bytes, the tensor tells the type. */
  readonly type: DataType | undefined;
  readonly foreign?: ForeignType | undefined;
  /** How many values it holds. */
  readonly count: number;
  /** Where it begins in the storage called `key`, in values: only pre-1.6 files have views of storages. */
  readonly start: number;
}

/** Bytes a value of a storage takes in the file. */
export const widthOf = ({ type, foreign }: StorageRef): number => foreign?.width ?? (type ? bytesPerValue[type] : 1);

/** A tensor as the pickle describes it: a view of a storage, in values. */
export class TensorRef {
  constructor(
    readonly storage: StorageRef,
    readonly type: DataType,
    readonly offset: number,
    readonly dims: readonly number[],
    readonly strides: readonly number[],
  ) {}
}
