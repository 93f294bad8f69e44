/**
 * onnxruntime returns NaN silently, and a clip would hide it: x₀ clipped to [−1, 1] turns infinity into a plain white
 * pixel. So every output of a network is looked at before anything else sees it.
 */
import { GraphError } from "../../nodes/index.ts";

/** Throws a GraphError when `data` holds NaN or infinity; `source` is how the message calls it, `advice` what it says to do. */
export function checkFinite(
  data: Float32Array,
  source: string,
  advice = "Check the checkpoint and its flags, or scale guidance down",
): void {
  // x − x is 0 for every finite x and NaN otherwise: one branch-free sum tells whether to look closer.
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] - data[i];
  if (sum === 0) return;
  let [nan, infinite] = [0, 0];
  for (const value of data) {
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
  }
  const found = [nan > 0 ? `${nan} NaN` : "", infinite > 0 ? `${infinite} infinite` : ""].filter(Boolean).join(" and ");
  throw new GraphError(
    `Output of ${source} holds ${found} of ${data.length} values; the run is stopped and nothing is saved. ${advice}`,
  );
}
