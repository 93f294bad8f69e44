/**
 * Rewrites a finished graph, forward or gradient, into the forms that are fast. Gradient rules stay textbook; what is
 * known of a runtime's kernels is known here alone. The figures are of onnxruntime 1.30's CPU provider.
 */

import type { OnnxModel } from "../ir.ts";
import { fold } from "../standard/fold.ts";
import { upgrade } from "../standard/upgrade.ts";
import { attentionBackward } from "./attention.ts";
import { convTranspose } from "./convolution.ts";
import { joinedScales, sharedStatistics } from "./normalize.ts";
import { groupNorm, logSoftmax, oneHot, sum } from "./portable.ts";
import { einsumAsMatMul, fusedMatMul, transposes } from "./product.ts";
import { type Lowering, rewrite } from "./rewrite.ts";
import { shareEqual } from "./share.ts";
import { siluBackward } from "./silu.ts";
import { first, reshapes, sameType, timesOne, withoutExpand } from "./simplify.ts";
import { transposedConv } from "./transposed.ts";

/** "cpu" may use onnxruntime's own operators (com.microsoft); "portable" has a kernel for every operator on WebGPU. */
export type Flavour = "cpu" | "portable";

type Pass = Readonly<Record<string, Lowering>>;

/** In order: each pass sees what the ones before have made. */
const passes: readonly Pass[] = [
  { Cast: sameType, Einsum: einsumAsMatMul, Reshape: reshapes },
  { InstanceNormalization: sharedStatistics },
  {
    Add: first(siluBackward, withoutExpand),
    Mul: first(timesOne, withoutExpand),
    Sub: first(attentionBackward, withoutExpand),
  },
  { Mul: joinedScales },
  { ConvTranspose: convTranspose, Transpose: transposes, Reshape: reshapes },
];

const flavourPasses: Readonly<Record<Flavour, readonly Pass[]>> = {
  cpu: [{ MatMul: fusedMatMul }],
  portable: [
    { LogSoftmax: logSoftmax, Sum: sum, GroupNormalization: groupNorm, OneHot: oneHot, ConvTranspose: transposedConv },
  ],
};

/** The same function in faster operators. */
export function lower(model: OnnxModel, flavour: Flavour): OnnxModel {
  const start = shareEqual(fold(upgrade(model)));
  return fold(shareEqual([...passes, ...flavourPasses[flavour]].reduce(rewrite, start)));
}
