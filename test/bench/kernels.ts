/** Which operators WebGPU computes otherwise than the processor, as they are and as they are lowered for it; on the card that is there. */

import { wrongOnes } from "../support/kernels/compare.ts";
import { kinds } from "../support/kernels/kinds.ts";

/** Of a kind. */
const shown = 12;

export async function kernels(): Promise<void> {
  console.log("\nKernels of WebGPU that are wrong, relative L2 to the processor's");
  for (const [kind, cases] of Object.entries(kinds)) {
    // A scalar bias of Gemm ends the process.
    const plain = await wrongOnes(
      cases.filter(({ name }) => !/^Gemm.*\[\]|^MatMul and Add.*\[\]/.test(name)),
      "webgpu",
      { plain: true },
    );
    const lowered = await wrongOnes(cases, "webgpu");
    console.log(`  ${kind}: ${cases.length} cases, ${plain.length} wrong as they are, ${lowered.length} lowered`);
    for (const [how, wrong] of [
      ["as it is", plain],
      ["lowered", lowered],
    ] as const) {
      for (const { name, off } of wrong.slice(0, shown))
        console.log(`    ${how}: ${name}, ${typeof off === "number" ? off.toExponential(1) : off}`);
      if (wrong.length > shown) console.log(`    … and ${wrong.length - shown} more`);
    }
  }
}
