/**
 * What an ADM network's tensors are: everything its shapes tell, and its layers in the order of the reference
 * (guided_diffusion/unet.py). Dhariwal & Nichol 2021, arXiv:2105.05233, appendix A.
 */
import type { Pool } from "./flags.ts";

export interface AdmStructure {
  readonly architecture: "UNetModel" | "EncoderUNetModel" | "SuperResModel";
  /** `model_channels`, which the multipliers multiply. */
  readonly width: number;
  /** Channels of the first convolution: x, x and the upsampled low_res, or x and a condition. */
  readonly inChannels: number;
  /** Those of `inChannels` that are a condition beside x, at its size; absent where there is none. */
  readonly condition?: number;
  /** Channels of the output, or classes of a classifier. */
  readonly outChannels: number;
  /** From full size down; each halves the size. */
  readonly levels: readonly Level[];
  /** Residual blocks of a level in the encoder; the decoder has one more. */
  readonly resBlocks: number;
  /** Rows of the label embedding of a class-conditional UNet. */
  readonly classes?: number;
  /** The embedding scales and shifts after the norm (adaptive group norm) instead of being added before it. */
  readonly scaleShift: boolean;
  /** How sizes change: in residual blocks, by convolutions, or by pooling and repeating alone. */
  readonly resample: "resblock" | "conv" | "plain";
  /** Only of a classifier. */
  readonly pool?: Pool;
  /** Height and width of the features that an attention pool was made for. */
  readonly poolSize?: number;
}

export interface Level {
  readonly channels: number;
  readonly attention: boolean;
}

/** Equal keys, equal structures. */
export const structureKey = ({ levels, ...rest }: AdmStructure): string =>
  JSON.stringify([levels.map(({ channels, attention }) => [channels, attention]), Object.entries(rest).sort()]);

/** `name` is the prefix of the layer's keys. Channels go in and come out; `level` tells the size: full size / 2^level. */
export type Layer =
  | { readonly is: "stem"; readonly name: string; readonly from: number; readonly to: number }
  | {
      readonly is: "res";
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly resample?: "up" | "down";
    }
  | { readonly is: "attention"; readonly name: string; readonly channels: number; readonly decoder: boolean }
  | { readonly is: "down" | "up"; readonly name: string; readonly channels: number };

export interface Layout {
  /** Encoder blocks, each a run of layers; a UNet keeps every block's output for the decoder. */
  readonly input: readonly (readonly Layer[])[];
  readonly middle: readonly Layer[];
  /** Decoder blocks; each first concatenates the encoder output it mirrors. Empty for a classifier. */
  readonly output: readonly (readonly Layer[])[];
  /** Channels after the last block. */
  readonly channels: number;
  /** Channels of all encoder blocks and the middle together: what the spatial pools average. */
  readonly featureChannels: number;
}

/** Channels of x: of a picture, without low_res or condition. */
export const channelsOf = ({ architecture, inChannels, condition = 0 }: AdmStructure): number =>
  architecture === "SuperResModel" ? inChannels / 2 : inChannels - condition;

/** Width of the timestep embedding inside the network. */
export const embeddingWidth = ({ width }: AdmStructure): number => 4 * width;

/** The layers of a structure, named as in its state dict. */
export function layout(structure: AdmStructure): Layout {
  const { levels, resBlocks, inChannels, resample } = structure;
  let channels = levels[0].channels;
  const input: Layer[][] = [[{ is: "stem", name: "input_blocks.0.0", from: inChannels, to: channels }]];
  const skips = [channels];
  const changeSize = (name: string, way: "up" | "down"): Layer =>
    resample === "resblock"
      ? { is: "res", name, from: channels, to: channels, resample: way }
      : { is: way, name, channels };

  for (const [index, level] of levels.entries()) {
    for (let block = 0; block < resBlocks; block++) {
      const name = `input_blocks.${input.length}`;
      const layers: Layer[] = [{ is: "res", name: `${name}.0`, from: channels, to: level.channels }];
      channels = level.channels;
      if (level.attention) layers.push({ is: "attention", name: `${name}.1`, channels, decoder: false });
      input.push(layers);
      skips.push(channels);
    }
    if (index < levels.length - 1) {
      input.push([changeSize(`input_blocks.${input.length}.0`, "down")]);
      skips.push(channels);
    }
  }

  const middle: Layer[] = [
    { is: "res", name: "middle_block.0", from: channels, to: channels },
    { is: "attention", name: "middle_block.1", channels, decoder: false },
    { is: "res", name: "middle_block.2", from: channels, to: channels },
  ];
  const featureChannels = skips.reduce((sum, skip) => sum + skip, channels);

  const output: Layer[][] = [];
  if (structure.architecture !== "EncoderUNetModel")
    for (const [index, level] of [...levels.entries()].reverse())
      for (let block = 0; block <= resBlocks; block++) {
        const name = `output_blocks.${output.length}`;
        const layers: Layer[] = [{ is: "res", name: `${name}.0`, from: channels + skips.pop()!, to: level.channels }];
        channels = level.channels;
        if (level.attention) layers.push({ is: "attention", name: `${name}.1`, channels, decoder: true });
        if (index > 0 && block === resBlocks) layers.push(changeSize(`${name}.${layers.length}`, "up"));
        output.push(layers);
      }
  return { input, middle, output, channels, featureChannels };
}
