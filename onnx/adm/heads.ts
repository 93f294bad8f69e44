/** The heads of attention, which no shape tells. */
import type { ModelFlags } from "./flags.ts";
import { flagNames, roleFlags, roleOf } from "./from-flags.ts";
import type { Role } from "./role.ts";
import { type AdmStructure, type Layer, layout } from "./structure.ts";

export interface Heads {
  /** Heads of an attention block: a fixed number, or a fixed width each. */
  readonly heads: number;
  /** −1: `heads` counts. */
  readonly headChannels: number;
  /** Of the decoder. */
  readonly headsUpsample: number;
  /** q, k and v are split before the heads (new) or within each head (legacy). The same for one head. */
  readonly newOrder: boolean;
}

/**
 * Heads from the first of `layers` (typed flags, card, preset, defaults) that gives any. A layer that gives heads speaks
 * for both their number and their width, as on the reference's command line. Undefined when none gives any.
 */
export function resolveHeads(role: Role, layers: readonly ModelFlags[]): Heads | undefined {
  const given = layers.map((flags) => roleFlags(role, flags));
  const givesWidth = (layer: (typeof given)[number]) => layer.headChannels !== undefined && layer.headChannels !== -1;
  const index = given.findIndex((layer) => layer.heads !== undefined || givesWidth(layer));
  if (index < 0) return undefined;
  const { heads = 1, headChannels = -1 } = given[index];
  const upsample =
    layers.slice(0, index + 1).find((flags) => flags.num_heads_upsample !== undefined)?.num_heads_upsample ?? -1;
  return {
    heads,
    headChannels,
    headsUpsample: role === "unet" && upsample !== -1 ? upsample : heads,
    newOrder: given.find(({ newOrder }) => newOrder !== undefined)?.newOrder ?? false,
  };
}

/** How many heads an attention block has. */
export const headsOf = (
  { heads, headChannels, headsUpsample }: Heads,
  { channels, decoder }: Layer & { is: "attention" },
): number => (headChannels !== -1 ? channels / headChannels : decoder ? headsUpsample : heads);

/** Heads of an attention pool, which are always given by their width. */
export const poolHeads = ({ headChannels }: Heads, channels: number): number => channels / headChannels;

/** What is wrong with heads for a structure, in words, if anything. */
export function headsProblem(structure: AdmStructure, heads: Heads): string | undefined {
  const names = flagNames[roleOf(structure)];
  const { input, middle, output, channels } = layout(structure);
  if (structure.pool === "attention") {
    if (heads.headChannels === -1) return `its attention pool needs the width of a head: give --${names.headChannels}`;
    if (!Number.isInteger(poolHeads(heads, channels)))
      return `--${names.headChannels} ${heads.headChannels} does not divide the ${channels} channels of its attention pool`;
  }
  const layers = [...input.flat(), ...middle, ...output.flat()].filter((layer) => layer.is === "attention");
  for (const layer of layers) {
    const count = headsOf(heads, layer);
    if (Number.isInteger(count) && count >= 1 && layer.channels % count === 0) continue;
    const upsample = layer.decoder && heads.headsUpsample !== heads.heads;
    const given =
      heads.headChannels !== -1
        ? `--${names.headChannels} ${heads.headChannels}`
        : `--${upsample ? "num_heads_upsample" : names.heads} ${count}`;
    const all = layers.reduce((divisor, { channels }) => commonDivisor(divisor, channels), 0);
    return `${given} does not divide the ${layer.channels} channels of ${layer.name} (what divides ${all} divides those of every attention)`;
  }
  return undefined;
}

const commonDivisor = (a: number, b: number): number => (b === 0 ? a : commonDivisor(b, a % b));
