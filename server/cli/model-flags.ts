/** Model flags that were typed, as the text that Load UNet and Load Classifier take. */
import { formatModelFlags, type ModelFlags } from "../../onnx/index.ts";

/** Flags of other kinds are passed over. */
export const modelFlagsText = (given: Readonly<Record<string, unknown>>): string =>
  formatModelFlags(given as ModelFlags);
