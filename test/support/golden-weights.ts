/**
 * The networks of the golden cases were never trained: their weights are draws of PyTorch's, so they are drawn here again,
 * by the same generator in the same order, instead of being kept (test/fixtures/golden/README.md).
 */
import { type TorchGenerator, torchGenerator } from "../../diffusion/index.ts";
import {
  type ModelFlags,
  type Role,
  shapesOf,
  structureFromFlags,
  toFloat32Bytes,
  toHalfBytes,
} from "../../onnx/index.ts";
import type { StoredTensor } from "./write-checkpoint.ts";

export interface Drawn {
  readonly role: Role;
  readonly flags: ModelFlags;
  /**
   * For weights in float16: where PyTorch's last bit made another half of a draw than ours, by the distance from the one
   * before, negative for the half with the smaller magnitude.
   */
  readonly ties?: readonly number[];
}

/** Each network as the reference's modules make it, with N(c, 0.08²) for what they would set to a constant c. */
export function drawNetworks(seed: number, networks: readonly Drawn[]): StoredTensor[][] {
  const initial = torchGenerator(seed + 1);
  const instead = torchGenerator(seed);
  return networks.map(({ role, flags, ties }) => {
    const shapes = shapesOf(structureFromFlags(role, flags));
    const values = [...shapes].map(([name, dims]) => {
      const constant = constantOf(name, shapes, role);
      // What is set to zero has been drawn before.
      const drawn = isNorm(name, shapes) ? undefined : initialise(initial, name, shapes);
      return constant === undefined ? drawn! : around(constant, sizeOf(dims), instead);
    });
    const stored = ties ? halves(values, ties) : values.map(toFloat32Bytes);
    const type = ties ? "float16" : "float32";
    return [...shapes].map(([name, dims], i) => ({ name, type, dims, bytes: () => stored[i] }));
  });
}

/** Rounded to float16, the ties as PyTorch did. */
function halves(values: readonly Float32Array[], ties: readonly number[]): Uint8Array[] {
  const rounded = values.map((some) => new Uint16Array(toHalfBytes(some).buffer));
  let [tensor, place] = [0, 0];
  for (const distance of ties) {
    place += Math.abs(distance);
    while (place >= rounded[tensor].length) place -= rounded[tensor++].length;
    rounded[tensor][place] += Math.sign(distance);
  }
  return rounded.map(({ buffer }) => new Uint8Array(buffer));
}

type Shapes = ReadonlyMap<string, readonly number[]>;

const sizeOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);
const weightOf = (name: string): string => name.replace(/bias$/, "weight");
const isNorm = (name: string, shapes: Shapes): boolean => shapes.get(weightOf(name))!.length === 1;

/** Norms begin with 1 and 0; the last layer of a block and of a network with 0, but for the attention pool's. */
function constantOf(name: string, shapes: Shapes, role: Role): number | undefined {
  if (isNorm(name, shapes)) return name.endsWith("weight") ? 1 : 0;
  const last = role === "unet" ? "out.2." : "out.3.";
  return /\.(out_layers\.3|proj_out)\./.test(name) || name.startsWith(last) ? 0 : undefined;
}

const around = (middle: number, count: number, generator: TorchGenerator): Float32Array =>
  generator.randn(count).map((value) => middle + Math.fround(Math.fround(0.08) * value));

/** nn.Linear and nn.Conv: uniform within 1/√fanIn, bias too; embeddings: N(0, 1), of positions divided by √channels. */
function initialise(generator: TorchGenerator, name: string, shapes: Shapes): Float32Array {
  const dims = shapes.get(name)!;
  const count = sizeOf(dims);
  if (name === "label_emb.weight") return generator.randn(count);
  if (name.endsWith("positional_embedding")) return generator.randn(count).map((value) => value / Math.sqrt(dims[0]));
  const bound = 1 / Math.sqrt(sizeOf(shapes.get(weightOf(name))!.slice(1)));
  const [from, width] = [Math.fround(-bound), Math.fround(Math.fround(bound) - Math.fround(-bound))];
  // torch.rand has 24 bits.
  return Float32Array.from(generator.randint(2 ** 24, count), (word) => (word / 2 ** 24) * width + from);
}
