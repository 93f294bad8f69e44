/**
 * From a state dict's shapes to the structures that have them. The number of encoder blocks leaves a few ways to split
 * them into levels; each is tried, and those whose whole state dict agrees are kept. Usually that is exactly one.
 */
import type { StateDict } from "../checkpoint/index.ts";
import { type Differences, differences } from "./differences.ts";
import { mostBlocks, mostLevels, type Pool } from "./flags.ts";
import { shapesOf } from "./shapes.ts";
import type { AdmStructure, Level } from "./structure.ts";

export interface Inferred {
  /** Structures with exactly these keys and shapes. */
  readonly fitting: readonly AdmStructure[];
  /** The structure that differs least, and how; undefined when the tensors are no ADM network's at all. */
  readonly closest: { readonly structure: AdmStructure; readonly differences: Differences } | undefined;
}

/** `superRes`: whether flags ask for a super-resolution UNet, which has the shapes of others; unasked, none is one. */
export function inferStructures(state: StateDict, superRes: boolean | undefined): Inferred {
  const tried = candidates(state, superRes).map((structure) => ({
    structure,
    differences: differences(state, shapesOf(structure)),
  }));
  tried.sort((a, b) => a.differences.count - b.differences.count);
  return {
    fitting: tried.filter(({ differences }) => differences.count === 0).map(({ structure }) => structure),
    closest: tried[0],
  };
}

export const isClassifier = (state: StateDict): boolean =>
  ![...state.keys()].some((key) => key.startsWith("output_blocks."));

function candidates(state: StateDict, superRes: boolean | undefined): AdmStructure[] {
  const dim = (key: string, axis: number): number | undefined => state.get(key)?.dims[axis];
  const layers = prefixes(state);
  const width = dim("time_embed.0.weight", 1) ?? quarter(dim("time_embed.2.weight", 0));
  const inChannels = dim("input_blocks.0.0.weight", 1);
  const classifier = isClassifier(state);
  const pool = classifier ? poolOf(state) : undefined;
  const outChannels = classifier ? classesOf(state, pool) : (dim("out.2.weight", 0) ?? dim("out.2.bias", 0));
  if (width === undefined || inChannels === undefined || outChannels === undefined) return [];

  const numbered = [...layers].map((name) => Number(/^input_blocks\.(\d+)$/.exec(name)?.[1] ?? 0));
  const blocks = 1 + numbered.reduce((a, b) => Math.max(a, b));
  // At least every second block has tensors: a file that claims more blocks is not worth the search.
  if (blocks > Math.min(2 * state.size, mostLevels * (mostBlocks + 1))) return [];
  const classes = dim("label_emb.weight", 0);
  const positions = dim("out.2.positional_embedding", 1);
  const structures: AdmStructure[] = [];
  for (let levelCount = 1; levelCount <= Math.min(blocks / 2, mostLevels); levelCount++) {
    if (blocks % levelCount !== 0) continue;
    const resBlocks = blocks / levelCount - 1;
    if (resBlocks > mostBlocks) continue;
    const levels: (Level | undefined)[] = Array.from({ length: levelCount }, (_, level) => {
      const names = Array.from({ length: resBlocks }, (_, i) => `input_blocks.${1 + level * (resBlocks + 1) + i}`);
      const channels = names.map((name) => outputChannels(state, `${name}.0`)).find((c) => c !== undefined);
      return channels === undefined
        ? undefined
        : { channels, attention: names.some((name) => layers.has(`${name}.1`)) };
    });
    if (!levels.every((level) => level !== undefined)) continue;
    const downs = Array.from({ length: levelCount - 1 }, (_, i) => `input_blocks.${(i + 1) * (resBlocks + 1)}.0`);
    const embedded = dim("input_blocks.1.0.emb_layers.1.weight", 0) ?? dim("input_blocks.1.0.emb_layers.1.bias", 0);
    const common = {
      width,
      inChannels,
      outChannels,
      levels,
      resBlocks,
      ...(classes !== undefined && { classes }),
      scaleShift: embedded === 2 * levels[0].channels,
      resample: downs.some((name) => layers.has(`${name}.in_layers`))
        ? "resblock"
        : downs.some((name) => layers.has(`${name}.op`))
          ? "conv"
          : "plain",
      ...(pool && { pool }),
      ...(positions !== undefined && { poolSize: Math.floor(Math.sqrt(positions - 1)) }),
    } as const;
    const readings = classifier
      ? [{ architecture: "EncoderUNetModel" } as const]
      : readingsOf(inChannels, outChannels, superRes);
    structures.push(...readings.map((reading) => ({ ...common, ...reading })));
  }
  return structures;
}

/**
 * What the channels of a UNet may be. It answers with as many as x has, or twice as many where it learns sigma; what it
 * takes beyond x is a condition. low_res is one that is asked for: it has as many channels as x.
 */
function readingsOf(
  inChannels: number,
  outChannels: number,
  superRes: boolean | undefined,
): Pick<AdmStructure, "architecture" | "condition">[] {
  const architecture = "UNetModel";
  if (superRes && inChannels % 2 === 0 && [1, 2].includes((2 * outChannels) / inChannels))
    return [{ architecture: "SuperResModel" }];
  if (outChannels === inChannels || outChannels === 2 * inChannels) return [{ architecture }];
  const x = [outChannels, outChannels / 2].filter((channels) => Number.isInteger(channels) && channels < inChannels);
  return x.length > 0 ? x.map((channels) => ({ architecture, condition: inChannels - channels })) : [{ architecture }];
}

/** The longest key of the released checkpoints has 52 letters; what has a thousand is no name of a module. */
const mostLetters = 256;

/** "a.b.c" → "a", "a.b": the modules that own tensors. */
function prefixes(state: StateDict): ReadonlySet<string> {
  const names = new Set<string>();
  for (const key of state.keys())
    if (key.length <= mostLetters)
      for (let dot = key.indexOf("."); dot >= 0; dot = key.indexOf(".", dot + 1)) names.add(key.slice(0, dot));
  return names;
}

function outputChannels(state: StateDict, resBlock: string): number | undefined {
  const keys = ["in_layers.2.weight", "in_layers.2.bias", "out_layers.0.weight", "out_layers.3.weight"];
  return keys.map((key) => state.get(`${resBlock}.${key}`)?.dims[0]).find((channels) => channels !== undefined);
}

function poolOf(state: StateDict): Pool {
  const rank = (key: string) => state.get(key)?.dims.length;
  if (["out.2.qkv_proj", "out.2.c_proj"].some((name) => state.has(`${name}.weight`) || state.has(`${name}.bias`)))
    return "attention";
  if (rank("out.0.weight") === 2)
    return rank("out.1.weight") === undefined && state.has("out.2.weight") ? "spatial" : "spatial_v2";
  return "adaptive";
}

function classesOf(state: StateDict, pool: Pool | undefined): number | undefined {
  const last = pool === "attention" ? "out.2.c_proj" : pool === "spatial" ? "out.2" : "out.3";
  return state.get(`${last}.weight`)?.dims[0] ?? state.get(`${last}.bias`)?.dims[0];
}

const quarter = (value: number | undefined): number | undefined => (value === undefined ? undefined : value / 4);
