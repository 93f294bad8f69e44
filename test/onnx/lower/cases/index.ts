/** Nets for every lowering; one without does not compile. */
import type { Lowering } from "../../../../onnx/lower/index.ts";
import { attentionCases } from "./attention.ts";
import { convolutionCases } from "./convolution.ts";
import { fusedAttentionCases } from "./fused-attention.ts";
import type { Nets } from "./net.ts";
import { normalizeCases } from "./normalize.ts";
import { portableCases } from "./portable.ts";
import { productCases } from "./product.ts";
import { siluCases } from "./silu.ts";
import { simplifyCases } from "./simplify.ts";
import { transposeCases } from "./transpose.ts";
import { transposedConvCases } from "./transposed-conv.ts";
import { wrongKernelCases } from "./wrong-kernels.ts";

export const cases: Readonly<Record<Lowering, Nets>> = {
  ...simplifyCases,
  ...siluCases,
  ...attentionCases,
  ...fusedAttentionCases,
  ...normalizeCases,
  ...convolutionCases,
  ...productCases,
  ...transposeCases,
  ...portableCases,
  ...transposedConvCases,
  ...wrongKernelCases,
};
