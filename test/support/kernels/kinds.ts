/** What graphs of this project, and those that people bring, ask of a device: operators over the shapes that select its kernels. */
import type { KernelCase } from "./case.ts";
import { convolutions, transposedConvolutions } from "./convolution.ts";
import { elementwise } from "./elementwise.ts";
import { layout } from "./layout.ts";
import { products } from "./products.ts";
import { reductions } from "./reductions.ts";

export const kinds = {
  convolutions,
  transposedConvolutions,
  products,
  elementwise,
  reductions,
  layout,
} as const satisfies Readonly<Record<string, readonly KernelCase[]>>;
