/** From what torch.save was given to a state dict: tensors by name. */
import { escaped } from "../source.ts";
import type { Saved } from "./archive.ts";
import { CheckpointError } from "./error.ts";
import { Dict, TensorRef } from "./pickle-values.ts";
import { type CheckpointTensor, checkpointTensor } from "./tensor.ts";

export type StateDict = ReadonlyMap<string, CheckpointTensor>;

/** Where training scripts put the weights, in the order in which they are taken: averaged ones first, as sampling uses them. */
const places = ["ema", "model_ema", "ema_state_dict", "ema_model", "state_dict", "model_state_dict", "model", "module"];
/** What wrappers put in front of every name: DataParallel, torch.compile, Lightning. */
const wrappers = ["module.", "_orig_mod.", "model."];

/** Throws a CheckpointError when there is no state dict in it. */
export function stateDict({ value, storage }: Saved): StateDict {
  const tensors = moduleTensors(value, 2) ?? tensorsOf(value);
  if (tensors.size === 0)
    throw new CheckpointError(
      value instanceof TensorRef ? "it holds one tensor, not a state dict" : `it holds no state dict${keysOf(value)}`,
    );
  const strip = wrapperOf([...tensors.keys()]);
  return new Map(
    [...tensors].map(([name, ref]) => {
      const short = name.slice(strip.length);
      return [short, checkpointTensor(short, ref, (offset, length) => storage(ref.storage)(offset, length))];
    }),
  );
}

/** The tensors of a dict whose names are those of modules ("a.weight"), or of the first known place in it that holds such. */
function moduleTensors(value: unknown, depth: number): ReadonlyMap<string, TensorRef> | undefined {
  const tensors = tensorsOf(value);
  if ([...tensors.keys()].some((name) => name.includes("."))) return tensors;
  if (!(value instanceof Dict) || depth === 0) return undefined;
  for (const place of places) {
    const inner = moduleTensors(value.entries.get(place), depth - 1);
    if (inner) return inner;
  }
  return undefined;
}

/** The tensors right inside a dict. Other values (a step count, options) are passed over. */
function tensorsOf(value: unknown): ReadonlyMap<string, TensorRef> {
  const tensors = new Map<string, TensorRef>();
  if (value instanceof Dict)
    for (const [name, entry] of value.entries)
      if (typeof name === "string" && entry instanceof TensorRef) tensors.set(name, entry);
  return tensors;
}

function wrapperOf(names: readonly string[]): string {
  let strip = "";
  for (;;) {
    const next = wrappers.find((wrapper) => names.every((name) => name.startsWith(strip + wrapper)));
    if (next === undefined) return strip;
    strip += next;
  }
}

function keysOf(value: unknown): string {
  if (!(value instanceof Dict)) return "";
  const names = [...value.entries.keys()].slice(0, 8).map((name) => escaped(String(name)));
  return names.length === 0
    ? ", it is empty"
    : `: its keys are ${names.join(", ")}${value.entries.size > 8 ? " …" : ""}`;
}
