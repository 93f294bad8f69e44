/** From what torch.save was given to tensors by name: the keys that lead to each, joined by dots. */
import { escaped } from "../source.ts";
import type { Saved } from "./archive.ts";
import { CheckpointError } from "./error.ts";
import { Dict, ForeignTensor, Opaque, TensorRef, Tuple } from "./pickle-values.ts";
import { type CheckpointTensor, checkpointTensor } from "./tensor.ts";

export type StateDict = ReadonlyMap<string, CheckpointTensor>;

/** Training scripts nest four or five deep. What lies deeper is no weight. */
const maxDepth = 32;

/**
 * Every tensor of the file, in its order: `{"ema": {"a.weight": …}}` gives `ema.a.weight`. What a value is shared by is
 * named once, after the first. Throws a CheckpointError when there is none, or a module was pickled whole.
 */
export function stateDict({ value, storage }: Saved): StateDict {
  if (value instanceof TensorRef) throw new CheckpointError("it holds one tensor, not a state dict");
  const { tensors, modules, foreign, arrays } = named(value);
  const [module] = modules;
  if (module && ![...tensors.keys()].some((name) => name.endsWith("weight")))
    throw new CheckpointError(
      `it holds a whole pickled module (${escaped(module.name)}), which only its own code can load: save its state_dict() instead`,
    );
  if (tensors.size === 0 && foreign)
    throw new CheckpointError(
      `its tensors are of the type ${escaped(foreign.name)}, which is not read: save them as float32, float16 or bfloat16`,
    );
  if (tensors.size === 0 && arrays)
    throw new CheckpointError("its weights are arrays of NumPy's: save them as tensors (torch.from_numpy)");
  if (tensors.size === 0) throw new CheckpointError(`it holds no state dict${keysOf(value)}`);
  return new Map(
    [...tensors].map(([name, ref]) => [
      name,
      checkpointTensor(name, ref, (offset, length) => storage(ref.storage)(offset, length)),
    ]),
  );
}

interface Named {
  readonly tensors: ReadonlyMap<string, TensorRef>;
  readonly modules: readonly Opaque[];
  /** One that is passed over, where there is any. */
  readonly foreign: ForeignTensor | undefined;
  /** Whether arrays of NumPy's are among them. */
  readonly arrays: boolean;
}

/** Without recursion, and each container once: a few bytes can nest and share without end. */
function named(root: unknown): Named {
  const tensors = new Map<string, TensorRef>();
  const modules: Opaque[] = [];
  let foreign: ForeignTensor | undefined;
  let arrays = false;
  const seen = new Set<unknown>();
  const waiting: (readonly [name: string, value: unknown, depth: number])[] = [["", root, 0]];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [name, value, depth] = next;
    if (value instanceof TensorRef) {
      if (!tensors.has(name)) tensors.set(name, value);
      continue;
    }
    if (value instanceof ForeignTensor) foreign ??= value;
    if (value instanceof Opaque) arrays ||= /^numpy\.(?:\w+\.)*_reconstruct$/.test(value.name);
    if (typeof value !== "object" || value === null || seen.has(value) || depth > maxDepth) continue;
    seen.add(value);
    if (isModule(value)) modules.push(value);
    else
      for (const [key, inner] of inside(value).reverse())
        waiting.push([name === "" ? key : `${name}.${key}`, inner, depth + 1]);
  }
  return { tensors, modules, foreign, arrays };
}

/** An object of torch.nn.Module, by the attributes that all have. */
const isModule = (value: object): value is Opaque =>
  value instanceof Opaque &&
  value.state instanceof Dict &&
  value.state.entries.has("_parameters") &&
  value.state.entries.has("_modules");

function inside(value: object): [key: string, value: unknown][] {
  if (value instanceof Opaque)
    return [
      ...entriesOf(value),
      ...(value.state instanceof Dict ? entriesOf(value.state) : listed(value.state)),
      ...listed(value.items),
      ...listed(value.args),
    ];
  return value instanceof Dict ? entriesOf(value) : listed(value);
}

const entriesOf = ({ entries }: Dict): [string, unknown][] =>
  [...entries].map(([key, value]) => [key instanceof Opaque ? key.name : String(key), value]);

function listed(value: unknown): [string, unknown][] {
  const items = value instanceof Tuple ? value.items : Array.isArray(value) ? value : [];
  return items.map((item, index) => [String(index), item]);
}

function keysOf(value: unknown): string {
  if (value instanceof Opaque) return `: it is an object of ${escaped(value.name)}`;
  if (!(value instanceof Dict)) return "";
  const names = entriesOf(value).map(([key]) => key);
  const shown = names.slice(0, 8).map(escaped).join(", ");
  return names.length === 0 ? ", it is empty" : `: its keys are ${shown}${names.length > 8 ? " …" : ""}`;
}
