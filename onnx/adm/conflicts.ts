/** Where typed flags and tensor shapes contradict each other. */
import { formatModelFlags, isFlagName, type ModelFlags } from "./flags.ts";
import { defaultMultipliers, flagNames, flagsFromStructure, roleOf, structureFromFlags } from "./from-flags.ts";
import { type AdmStructure, channelsOf, structureKey } from "./structure.ts";

/** Image size: from flags, or from an attention pool, which has one row for each of its positions. */
export function sizeOf(
  { architecture, poolSize, levels }: AdmStructure,
  { image_size, large_size }: ModelFlags,
): number | undefined {
  const typed = architecture === "SuperResModel" ? (large_size ?? image_size) : image_size;
  return typed ?? (poolSize === undefined ? undefined : poolSize * 2 ** (levels.length - 1));
}

/** The structure that the given flags make, with its own in the place of those not given. */
export function withFlags(structure: AdmStructure, flags: ModelFlags): AdmStructure {
  const role = roleOf(structure);
  const { multipliers } = flagNames[role];
  const own = flagsFromStructure(structure, sizeOf(structure, flags) ?? 1024);
  const size = flags.large_size ?? flags.image_size ?? own.large_size ?? own.image_size;
  const typed = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined)) as ModelFlags;
  // "" asks for the default of the image size, and says nothing where there is none.
  const silent = typed[multipliers] === "" && !defaultMultipliers(size);
  return structureFromFlags(role, { ...own, ...typed, ...(silent && { [multipliers]: own[multipliers] }) });
}

/** The flags that this structure contradicts, as text: `--num_channels 64 (its tensors say 32)`; `from`: who says a flag that was not typed. */
export function conflicts(
  structure: AdmStructure,
  flags: ModelFlags,
  from: (name: string) => string | undefined = () => undefined,
): string[] {
  const size = sizeOf(structure, flags);
  const sizeFlags: ModelFlags =
    size === undefined ? {} : structure.architecture === "SuperResModel" ? { large_size: size } : { image_size: size };
  // An attention pool has a size of its own; every other flag is tried at the given one.
  const sized = withFlags(structure, sizeFlags);
  const elsewhere = (name: string, value: unknown): string => {
    const fits = fittingAt(structure, size, name, value);
    return fits === undefined
      ? ""
      : ` at --${sizeFlag(structure)} ${size}; at --${sizeFlag(structure)} ${fits} it fits`;
  };
  const contradicts = (name: string, value: unknown): boolean => {
    if (name === "image_size" || name === "large_size") {
      const poolSize = structure.poolSize ?? sized.poolSize;
      const given = withFlags(structure, { [name]: value });
      return structureKey(given) !== structureKey(poolSize === undefined ? structure : { ...structure, poolSize });
    }
    // Attention is told in image sizes: without one they say nothing.
    if (name.endsWith("attention_resolutions") && size === undefined) return false;
    // A classifier beside a UNet with a null label has one class less.
    if (name === "num_classes" && structure.pool && value === structure.outChannels + 1) return false;
    if (name === "num_classes" && flags.null_label !== undefined && value === (structure.classes ?? 0) - 1)
      return false;
    return structureKey(withFlags(structure, { ...sizeFlags, [name]: value })) !== structureKey(sized);
  };
  return Object.entries(flags)
    .filter(([name, value]) => isFlagName(name) && value !== undefined && contradicts(name, value))
    .map(
      ([name, value]) =>
        `${[formatModelFlags({ [name]: value }), from(name)].filter(Boolean).join(" of ")} (its tensors say ${said(structure, name, size)}${elsewhere(name, value)})`,
    );
}

const sizeFlag = ({ architecture }: AdmStructure) => (architecture === "SuperResModel" ? "large_size" : "image_size");

/** Attention is told in image sizes, so where it does not fit, the image size may be what is wrong: the one at which it fits. */
function fittingAt(structure: AdmStructure, size: number | undefined, name: string, value: unknown) {
  if (size === undefined || !name.endsWith("attention_resolutions")) return undefined;
  const flag = sizeFlag(structure);
  return [size / 8, size / 4, size / 2, size * 2, size * 4, size * 8].find((other) => {
    const at = withFlags(structure, { [flag]: other });
    return structureKey(withFlags(structure, { [flag]: other, [name]: value })) === structureKey(at);
  });
}

/** The size, as a flag, at which a structure contradicts nothing. */
export function sizeInstead(structure: AdmStructure, flags: ModelFlags): string | undefined {
  const size = sizeOf(structure, flags);
  const fits = Object.entries(flags).flatMap(([name, value]) => fittingAt(structure, size, name, value) ?? []);
  const instead = fits.map((other) => ({ [sizeFlag(structure)]: other }) as ModelFlags);
  const cure = instead.find((one) => conflicts(structure, { ...flags, ...one }).length === 0);
  return cure && formatModelFlags(cure);
}

/** What a structure's own tensors say of a flag, as it would be typed. */
function said(structure: AdmStructure, name: string, size: number | undefined): string {
  const { architecture, condition = 0, outChannels, resample } = structure;
  const own: Readonly<Record<string, unknown>> = {
    in_channels: channelsOf(structure),
    condition_channels: condition,
    out_channels: outChannels,
    [flagNames[roleOf(structure)].convResample]: resample !== "plain",
    ...flagsFromStructure(structure, (name.endsWith("_size") ? undefined : size) ?? sizeOf(structure, {}) ?? 1024),
  };
  const value = own[name] ?? architecture;
  return formatModelFlags({ [name]: value }).replace(/^--\w+ /, "");
}
