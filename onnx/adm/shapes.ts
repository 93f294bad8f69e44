/** The state dict a structure has: every key with its shape, as the reference's modules make them. */
import { type AdmStructure, embeddingWidth, type Layer, layout } from "./structure.ts";

export type Shapes = Map<string, readonly number[]>;

/** Width of the hidden layer of the spatial pools. */
export const spatialWidth = 2048;

export function shapesOf(structure: AdmStructure): Shapes {
  const shapes: Shapes = new Map();
  const embedding = embeddingWidth(structure);
  const { input, middle, output, channels } = layout(structure);
  linear(shapes, "time_embed.0", structure.width, embedding);
  linear(shapes, "time_embed.2", embedding, embedding);
  if (structure.classes !== undefined) shapes.set("label_emb.weight", [structure.classes, embedding]);
  for (const layer of [...input.flat(), ...middle, ...output.flat()]) layerShapes(shapes, layer, structure);
  if (structure.architecture === "EncoderUNetModel") poolShapes(shapes, structure);
  else {
    norm(shapes, "out.0", channels);
    conv(shapes, "out.2", structure.levels[0].channels, structure.outChannels, 3);
  }
  return shapes;
}

function layerShapes(shapes: Shapes, layer: Layer, { scaleShift, resample, ...structure }: AdmStructure): void {
  const { name } = layer;
  switch (layer.is) {
    case "stem":
      conv(shapes, name, layer.from, layer.to, 3);
      break;
    case "res":
      norm(shapes, `${name}.in_layers.0`, layer.from);
      conv(shapes, `${name}.in_layers.2`, layer.from, layer.to, 3);
      linear(shapes, `${name}.emb_layers.1`, 4 * structure.width, scaleShift ? 2 * layer.to : layer.to);
      norm(shapes, `${name}.out_layers.0`, layer.to);
      conv(shapes, `${name}.out_layers.3`, layer.to, layer.to, 3);
      if (layer.from !== layer.to) conv(shapes, `${name}.skip_connection`, layer.from, layer.to, 1);
      break;
    case "attention":
      norm(shapes, `${name}.norm`, layer.channels);
      conv1d(shapes, `${name}.qkv`, layer.channels, 3 * layer.channels);
      conv1d(shapes, `${name}.proj_out`, layer.channels, layer.channels);
      break;
    case "down":
      if (resample === "conv") conv(shapes, `${name}.op`, layer.channels, layer.channels, 3);
      break;
    case "up":
      if (resample === "conv") conv(shapes, `${name}.conv`, layer.channels, layer.channels, 3);
  }
}

function poolShapes(shapes: Shapes, structure: AdmStructure): void {
  const { channels, featureChannels } = layout(structure);
  const { outChannels, poolSize = 0 } = structure;
  switch (structure.pool) {
    case "adaptive":
      norm(shapes, "out.0", channels);
      conv(shapes, "out.3", channels, outChannels, 1);
      break;
    case "attention":
      norm(shapes, "out.0", channels);
      shapes.set("out.2.positional_embedding", [channels, poolSize ** 2 + 1]);
      conv1d(shapes, "out.2.qkv_proj", channels, 3 * channels);
      conv1d(shapes, "out.2.c_proj", channels, outChannels);
      break;
    case "spatial":
      linear(shapes, "out.0", featureChannels, spatialWidth);
      linear(shapes, "out.2", spatialWidth, outChannels);
      break;
    case "spatial_v2":
      linear(shapes, "out.0", featureChannels, spatialWidth);
      norm(shapes, "out.1", spatialWidth);
      linear(shapes, "out.3", spatialWidth, outChannels);
  }
}

const layer = (shapes: Shapes, name: string, weight: readonly number[], width: number): void => {
  shapes.set(`${name}.weight`, weight);
  shapes.set(`${name}.bias`, [width]);
};
const norm = (shapes: Shapes, name: string, channels: number) => layer(shapes, name, [channels], channels);
const linear = (shapes: Shapes, name: string, from: number, to: number) => layer(shapes, name, [to, from], to);
const conv1d = (shapes: Shapes, name: string, from: number, to: number) => layer(shapes, name, [to, from, 1], to);
const conv = (shapes: Shapes, name: string, from: number, to: number, kernel: number) =>
  layer(shapes, name, [to, from, kernel, kernel], to);
