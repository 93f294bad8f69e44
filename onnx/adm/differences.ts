/** How a state dict differs from the one a structure has, as `load_state_dict` would list it. */
import type { StateDict } from "../checkpoint/index.ts";
import { firstOf } from "../first-of.ts";
import { escaped } from "../source.ts";
import type { Shapes } from "./shapes.ts";

export interface Differences {
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshaped: readonly {
    readonly key: string;
    readonly dims: readonly number[];
    readonly expected: readonly number[];
  }[];
  readonly count: number;
}

export function differences(state: StateDict, shapes: Shapes): Differences {
  const missing = [...shapes.keys()].filter((key) => !state.has(key));
  const unexpected = [...state.keys()].filter((key) => !shapes.has(key));
  const misshaped = [...shapes].flatMap(([key, expected]) => {
    const dims = state.get(key)?.dims;
    return dims && (dims.length !== expected.length || dims.some((dim, axis) => dim !== expected[axis]))
      ? [{ key, dims, expected }]
      : [];
  });
  return { missing, unexpected, misshaped, count: missing.length + unexpected.length + misshaped.length };
}

/** Keys come from files: what is no plain name is quoted, and cut. */
const plain = (key: string): string => (/^[\w.×() ]{1,120}$/.test(key) ? key : escaped(key));

/** So many keys of a kind tell which part of a network is meant; what they all are nobody reads. */
const shown = 3;

/** One line a kind: `missing: a, b, c and 12 more`. */
export function describeDifferences({ missing, unexpected, misshaped }: Differences): string[] {
  const shape = (dims: readonly number[]) => (dims.length === 0 ? "a scalar" : dims.join("×"));
  const lists: Readonly<Record<string, readonly string[]>> = {
    missing,
    unexpected,
    "mis-shaped": misshaped.map(({ key, dims, expected }) => `${key} (${shape(dims)} instead of ${shape(expected)})`),
  };
  return Object.entries(lists)
    .filter(([, keys]) => keys.length > 0)
    .map(([kind, keys]) => `${kind}: ${firstOf(keys, shown, plain)}`);
}
